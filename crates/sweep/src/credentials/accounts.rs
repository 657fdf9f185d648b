//! One account in twenty files is told once, under one name for as long as anything is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sweepd_decide::{CredentialState, Finding, FindingKind, Severity, Span, Timestamp, credential};

use crate::clean::clean;
use crate::ports::{CredentialSeen, Incident};
use crate::turn::Graded;

/// So many files are named.
const NAMED: usize = 20;

/// How bad, how, until when, and which.
type Stands = (Severity, CredentialState, Option<Timestamp>, CredentialSeen);

/// Files with the same account's credential in which something is wrong.
pub(super) struct Account {
    /// What tells it from others; a file's path where its account is not known.
    name: String,
    /// How the worst of them stands.
    pub(super) state: CredentialState,
    severity: Severity,
    /// When the worst of them ends or ended.
    pub(super) until: Option<Timestamp>,
    /// The worst first, then by path.
    seen: Vec<CredentialSeen>,
    /// So many of these stand as the worst does.
    alike: usize,
}

/// The accounts with which something is wrong.
pub(super) fn bad(seen: &[CredentialSeen], now: Timestamp) -> Vec<Account> {
    let mut by_account: BTreeMap<String, Vec<Stands>> = BTreeMap::new();
    for one in seen {
        let answer = credential(&one.policy, one.reading, now);
        let (state, Some(severity)) = answer.action else { continue };
        let name = one.account.clone().unwrap_or_else(|| path(one));
        by_account.entry(name).or_default().push((severity, state, answer.evidence, one.clone()));
    }
    let account = |(name, mut each): (String, Vec<Stands>)| {
        each.sort_by(|(severity, state, until, one): &Stands, (other, its, end, second)| {
            let worst = other.cmp(severity).then(state.cmp(its)).then(until.cmp(end));
            worst.then_with(|| one.path.cmp(&second.path))
        });
        let (severity, state, until, _) = each.first()?.clone();
        let alike = each.iter().take_while(|one| (one.1, one.2) == (state, until)).count();
        let seen = each.into_iter().map(|(.., one)| one).collect();
        Some(Account { name, state, severity, until, seen, alike })
    };
    by_account.into_iter().filter_map(account).collect()
}

/// The file that each account's incident is named after: the one it was named after before, though that
/// one may be good by now; else the worst.
pub(super) fn subjects<'a>(
    accounts: &[Account],
    open: impl Iterator<Item = &'a Incident>,
) -> Vec<String> {
    let open: Vec<&Incident> = open.filter(|open| open.kind == FindingKind::Credential).collect();
    let each = accounts.iter().map(Account::paths_sorted);
    let paths: Vec<BTreeSet<String>> = each.collect();
    let mut taken = BTreeSet::new();
    // A file in which something is wrong keeps its own incident; what is left goes by account.
    let own = paths.iter().map(|paths| {
        let named = open.iter().filter_map(|open| text(open, "path"));
        let own = named.filter(|path| paths.contains(path)).find(|path| !taken.contains(path));
        taken.extend(own.clone());
        own
    });
    let own: Vec<Option<String>> = own.collect();
    let each = accounts.iter().zip(&paths).zip(own).map(|((account, paths), own)| {
        let before = || {
            let mut same =
                open.iter().filter(|open| text(open, "account").as_ref() == Some(&account.name));
            same.find_map(|open| text(open, "path").filter(|path| !taken.contains(path)))
        };
        let mut worst = account.seen.iter().map(path);
        let first = || worst.find(|path| !taken.contains(path)).or_else(|| paths.first().cloned());
        let subject = own.or_else(before).or_else(first).unwrap_or_default();
        taken.insert(subject.clone());
        subject
    });
    each.collect()
}

fn text(open: &Incident, key: &str) -> Option<String> {
    open.evidence.get(key)?.as_str().map(str::to_owned)
}

impl Account {
    /// What is wrong, in words after the name of the file `subject`.
    pub(super) fn graded(&self, subject: &str, now: Timestamp) -> Graded {
        let stands = match (self.state, self.until) {
            (CredentialState::Expired, Some(until)) => {
                format!("expired {} ago", age(now.since(until)))
            }
            (CredentialState::Expiring, Some(until)) => {
                format!("expires in {}", age(until.since(now)))
            }
            (state, _) => {
                let why = self.seen.first().and_then(|one| one.why.as_deref());
                format!("is {}: {}", state.as_str(), clean(why.unwrap_or("nobody knows why")))
            }
        };
        let detail = self.among(subject, &stands);
        let evidence = json!({
            "state": self.state.as_str(),
            "until": self.until.map(|until| until.to_string()),
            "path": subject,
            "paths": self.paths(),
            "count": self.seen.len(),
            "account": self.name,
        });
        let since = self.until.unwrap_or(now);
        let detail = Some(detail);
        let finding = Finding { kind: FindingKind::Credential, message_id: None, since, detail };
        Graded { finding, severity: self.severity, evidence }
    }

    /// The file that the incident is named after may be good by now, or not the worst.
    fn among(&self, subject: &str, stands: &str) -> String {
        let all = self.seen.len();
        let is_named = |one: &CredentialSeen| path(one) == subject;
        if self.seen.iter().take(self.alike).any(is_named) {
            let others = match all {
                0 | 1 => String::new(),
                2 => "; one other file has the same account".to_owned(),
                many => format!("; {} other files have the same account", many - 1),
            };
            return format!("{stands}{others}");
        }
        let here = if self.seen.iter().any(is_named) { "" } else { "good here again; " };
        let worst = self.seen.first().map(path).unwrap_or_default();
        let more = match self.alike {
            0 | 1 => String::new(),
            many => format!(" and {} more", many - 1),
        };
        format!("{here}the same account's in {worst}{more} {stands}")
    }

    /// The first files, for people.
    pub(super) fn paths(&self) -> Vec<String> {
        self.paths_sorted().into_iter().take(NAMED).collect()
    }

    fn paths_sorted(&self) -> BTreeSet<String> {
        self.seen.iter().map(path).collect()
    }
}

fn path(one: &CredentialSeen) -> String {
    clean(&one.path.display().to_string())
}

/// A span to whole minutes, or seconds where it is shorter.
fn age(span: Span) -> Span {
    let ms = span.as_millis();
    let unit = if ms < 60_000 { 1000 } else { 60_000 };
    Span::from_millis(ms / unit * unit)
}
