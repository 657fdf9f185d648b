//! The one repository of a tracker: what is in it, and who may do what.

use std::collections::BTreeMap;

use super::{BOT, Comment, Issue, Label, TOKEN};
use crate::exchange::Reply;

/// What a token may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) login: String,
    pub(crate) scopes: Vec<String>,
}

impl Grant {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }
}

/// Why a comment is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Missing,
    Forbidden,
}

/// The repository.
#[derive(Debug, Default)]
pub struct Board {
    pub(crate) issues: Vec<Issue>,
    pub(crate) labels: Vec<Label>,
    /// Everybody on the server, by login: their ids.
    pub(crate) users: BTreeMap<String, u64>,
    /// Who may write here, and be assigned.
    pub(crate) members: Vec<String>,
    pub(crate) tokens: BTreeMap<String, Grant>,
    /// Everybody may look.
    pub(crate) public: bool,
    ids: u64,
}

impl Board {
    pub(crate) fn new(scopes: &[&str]) -> Self {
        let mut board = Self { ids: 1000, ..Self::default() };
        board.add_member(BOT);
        board.grant(TOKEN, BOT, scopes);
        board
    }

    pub(crate) fn grant(&mut self, token: &str, login: &str, scopes: &[&str]) {
        self.add_user(login);
        let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        self.tokens.insert(token.to_owned(), Grant { login: login.to_owned(), scopes });
    }

    /// Whose token that is; nobody's without one. One that is not known is refused.
    pub(crate) fn whose(
        &self,
        token: Option<&str>,
        unknown: impl FnOnce() -> Reply,
    ) -> Result<Option<Grant>, Reply> {
        let grant = |token| self.tokens.get(token).cloned().ok_or_else(unknown);
        token.map(grant).transpose()
    }

    pub(crate) fn add_user(&mut self, login: &str) {
        let id = self.id();
        self.users.entry(login.to_owned()).or_insert(id);
    }

    pub(crate) fn add_member(&mut self, login: &str) {
        self.add_user(login);
        self.members.push(login.to_owned());
    }

    pub(crate) fn is_member(&self, login: &str) -> bool {
        self.members.iter().any(|member| member.eq_ignore_ascii_case(login))
    }

    pub(crate) fn user_id(&self, login: &str) -> u64 {
        self.users.get(login).copied().unwrap_or_default()
    }

    pub(crate) fn id(&mut self) -> u64 {
        self.ids += 7;
        self.ids
    }

    /// Opens an issue with everything but its number, its id and its times.
    pub(crate) fn open(&mut self, issue: Issue, now: i64) -> Issue {
        let id = self.id();
        let number = self.issues.iter().map(|issue| issue.number).max().unwrap_or_default() + 1;
        let timed = Issue { created: now, updated: now, ..issue };
        let issue = Issue { number, id, open: true, ..timed };
        self.issues.push(issue.clone());
        issue
    }

    pub(crate) fn issue(&mut self, number: &str) -> Option<&mut Issue> {
        let number: u64 = number.parse().ok()?;
        self.issues.iter_mut().find(|issue| issue.number == number)
    }

    pub(crate) fn comment(&mut self, number: u64, author: &str, body: &str, now: i64) -> Comment {
        let (id, author, body) = (self.id(), author.to_owned(), body.to_owned());
        let comment = Comment { id, body, author, created: now, updated: now };
        if let Some(issue) = self.issues.iter_mut().find(|issue| issue.number == number) {
            issue.updated = now;
            issue.comments.push(comment.clone());
        }
        comment
    }

    pub(crate) fn comment_by_id(&mut self, id: &str) -> Option<&mut Comment> {
        let id: u64 = id.parse().ok()?;
        let mut all = self.issues.iter_mut().flat_map(|issue| issue.comments.iter_mut());
        all.find(|comment| comment.id == id)
    }

    /// Another text for a comment, by a member or whoever wrote it.
    pub(crate) fn reword(
        &mut self,
        id: &str,
        body: &str,
        who: &Grant,
        now: i64,
        refuse: impl FnOnce(Refusal) -> Reply,
    ) -> Result<(Issue, Comment), Reply> {
        let member = self.is_member(&who.login);
        let Some(comment) = self.comment_by_id(id) else { return Err(refuse(Refusal::Missing)) };
        if !member && comment.author != who.login {
            return Err(refuse(Refusal::Forbidden));
        }
        body.clone_into(&mut comment.body);
        comment.updated = now;
        let comment = comment.clone();
        let mut all = self.issues.iter();
        let issue = all.find(|issue| issue.comments.iter().any(|one| one.id == comment.id));
        Ok((issue.cloned().unwrap_or_default(), comment))
    }

    pub(crate) fn label(&mut self, name: &str, color: &str, description: &str) -> Label {
        let (name, id) = (name.to_owned(), self.id());
        let (color, description) = (color.to_owned(), description.to_owned());
        let label = Label { id, name, color, description };
        self.labels.push(label.clone());
        label
    }

    pub(crate) fn label_named(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.name == name)
    }

    /// The labels that are on an issue.
    pub(crate) fn labels_of(&self, issue: &Issue) -> impl Iterator<Item = &Label> {
        self.labels.iter().filter(|label| issue.labels.contains(&label.name))
    }

    /// Newest first, of those that fit.
    pub(crate) fn newest(&self, fits: impl Fn(&Issue) -> bool) -> Vec<Issue> {
        self.issues.iter().rev().filter(|issue| fits(issue)).cloned().collect()
    }
}
