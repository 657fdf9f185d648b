//! Which incidents are people told of now?

use std::collections::{BTreeMap, BTreeSet};

use sweepd_decide::incident::{Reach, Tell, TellPolicy, Why, reach, tell};
use sweepd_decide::{Moment, News, Recheck, Timestamp};

use super::case::{Explained, Facts};
use super::derived::derived;
use super::{Alerting, moment as moment_of};
use crate::engine::Engine;
use crate::ports::{
    Commit, Delivery, Filing, NewAlert, Outbox, PortError, Settled, SinkRecord, Standing,
    TellingChange, Tried, Untold, Which,
};

/// Nobody is configured who wants to hear of it.
const NO_SINK: &str = "no-sink";
/// A notice that makes incidents of its own looks again at once; not more often than this.
const AGAIN: usize = 3;

impl Engine {
    /// Promises whatever is to be told now, and writes down why the rest is not.
    ///
    /// Returns when to ask again if nothing happens until then.
    ///
    /// # Errors
    /// The outbox cannot be read or written: nothing is promised.
    ///
    /// # Cancel safety
    /// Safe: it is one transaction, and the next notice starts from it.
    pub(super) async fn notice(
        &self,
        alerting: &Alerting,
        outbox: &dyn Outbox,
        policy: &TellPolicy,
    ) -> Result<Recheck, PortError> {
        let mut recheck = Recheck::OnChange;
        for round in 1..=AGAIN {
            // Whatever else changes each time: in the end people are told.
            let last = round == AGAIN;
            let (next, again) = self.notice_once(alerting, outbox, policy, last).await?;
            recheck = next;
            if !again {
                break;
            }
        }
        Ok(recheck)
    }

    async fn notice_once(
        &self,
        alerting: &Alerting,
        outbox: &dyn Outbox,
        policy: &TellPolicy,
        last: bool,
    ) -> Result<(Recheck, bool), PortError> {
        let now = self.clock().now();
        let back = alerting.setup.flap.window.max(alerting.setup.flap.calm);
        let standing = outbox.standing(now.minus(back.max(policy.after_cause))).await?;
        let under_way: BTreeSet<(i64, String)> = outbox.under_way().await?.into_iter().collect();
        let sinks = outbox.sinks().await?;
        let mut filing = Filing::new(now);
        let facts = Facts::new(&standing, &under_way, alerting, &self.pauses, now);
        let causes = facts.causes(policy);
        let (changes, mut recheck) = derived(alerting, &standing, &sinks, &causes, now);
        if !last && !changes.is_empty() {
            // What they mean for what is told is seen when they are there.
            filing.incidents = changes;
            self.file(outbox, filing).await?;
            return Ok((recheck, true));
        }
        if self.drop_lost(alerting, outbox, &under_way, &sinks, now).await? && !last {
            return Ok((recheck, true));
        }
        let folded = folded(&standing, &causes);
        for one in &standing {
            let explained = causes.get(&one.id).copied();
            let answer = tell(policy, &facts.case(one, explained), now);
            recheck = recheck.sooner(answer.recheck);
            let moment = match answer.action {
                Tell::Nothing => None,
                Tell::Opening => Some(Moment::Opened),
                Tell::Still => Some(Moment::Still),
                Tell::End => Some(Moment::Resolved),
            };
            let Some(moment) = moment else {
                let until = answer.recheck.at();
                let cause = explained.filter(|_| answer.evidence == Why::Folded);
                leave(&mut filing, one, answer.evidence.as_str(), until, cause);
                continue;
            };
            let audience = audience(&facts, alerting, outbox, one, moment).await?;
            if audience.is_empty() && moment != Moment::Resolved {
                let told = moment == Moment::Still;
                let why = if told { Why::Told.as_str() } else { NO_SINK };
                leave(&mut filing, one, why, None, None);
                continue;
            }
            filing.telling.push(match moment {
                Moment::Opened | Moment::Still => {
                    TellingChange::Told(one.id, one.incident.severity)
                }
                Moment::Resolved => TellingChange::EndTold(one.id),
            });
            if moment != Moment::Resolved {
                // What is promised now is told again after a while.
                let again = policy.repeat.map(|repeat| now.plus(repeat));
                recheck = recheck.sooner(again.map_or(Recheck::OnChange, Recheck::from));
            }
            if audience.is_empty() {
                continue;
            }
            let mut keys: BTreeSet<String> =
                folded.get(&one.id).into_iter().flatten().map(|key| (*key).to_owned()).collect();
            if reach(one.incident.kind) != Reach::Nobody {
                keys.extend(outbox.explained_by(one.id).await?);
            }
            let alert = self.alert(alerting, outbox, one, moment, &keys, now).await?;
            let thread = match &alert.news {
                News::Incident(story) => story.thread.clone(),
                News::Note(_) => one.incident.key.clone(),
            };
            filing.alerts.push(NewAlert { incident: Some(one.id), thread, alert, sinks: audience });
        }
        // An end goes before whatever begins in the same thread.
        filing.alerts.sort_by_key(|new| moment_of(&new.alert) != "resolved");
        self.file(outbox, filing).await?;
        let notes = self.notes(alerting, outbox, &standing, &sinks, now).await?;
        Ok((recheck.sooner(notes), false))
    }

    /// Forgets what waits for sinks that are not configured any more. Of whatever has reached nobody
    /// those are told who are configured now.
    async fn drop_lost(
        &self,
        alerting: &Alerting,
        outbox: &dyn Outbox,
        under_way: &BTreeSet<(i64, String)>,
        sinks: &[SinkRecord],
        now: Timestamp,
    ) -> Result<bool, PortError> {
        let gone = |sink: &str| alerting.setup.sink(sink).is_none();
        let lost: BTreeSet<i64> = under_way
            .iter()
            .filter(|(_, sink)| gone(sink))
            .map(|(incident, _)| *incident)
            .collect();
        let mut filing = Filing::new(now);
        let drop = |ids| {
            let remark = Some("its sink is no longer configured".to_owned());
            Tried { remark, settled: Some(Settled::Dropped), ..Tried::waits(ids) }
        };
        for record in sinks.iter().filter(|record| gone(&record.name)) {
            let waits = outbox.deliveries(Which::HeadsFor(&record.name)).await?;
            let notes = waits.iter().filter(|one| one.incident.is_none());
            let ids: Vec<i64> = notes.map(|one| one.id).collect();
            if !ids.is_empty() {
                filing.tried.push(drop(ids));
            }
        }
        for incident in lost {
            let all = outbox.deliveries(Which::Of(incident)).await?;
            let waits = all.iter().filter(|one| one.settled.is_none() && gone(&one.sink));
            filing.tried.push(drop(waits.map(|one| one.id).collect()));
            let arrived = |one: &Delivery| {
                matches!(one.settled, Some((_, Settled::Delivered)))
                    || (one.settled.is_none() && !gone(&one.sink))
            };
            if !all.iter().any(arrived) {
                filing.telling.push(TellingChange::Unpromised(incident));
            }
        }
        let lost = !filing.is_empty();
        self.file(outbox, filing).await?;
        Ok(lost)
    }

    /// Writes it, and tells whoever listens.
    pub(super) async fn file(&self, outbox: &dyn Outbox, filing: Filing) -> Result<(), PortError> {
        if filing.is_empty() {
            return Ok(());
        }
        let seen = Commit {
            events: filing.events.clone(),
            incidents: filing.incidents.clone(),
            ..Commit::new(filing.at)
        };
        let done = outbox.file(filing).await?;
        self.ledger.announce(&seen, &done);
        Ok(())
    }
}

/// Writes down why nothing is told, where that is another reason than before.
fn leave(
    filing: &mut Filing,
    one: &Standing,
    why: &'static str,
    until: Option<Timestamp>,
    cause: Option<Explained>,
) {
    let new = Untold { why: why.to_owned(), until, cause: cause.map(|cause| cause.by) };
    let same = one.untold.as_ref().is_some_and(|old| {
        (&old.why, old.until) == (&new.why, new.until)
            && (new.cause.is_none() || old.cause == new.cause)
    });
    let ended = one.end.is_some() && one.untold.is_none() && one.told.is_some();
    if !same && !ended {
        let Untold { until, cause, .. } = new;
        filing.telling.push(TellingChange::Untold { incident: one.id, why, until, cause });
    }
}

/// Who is told: of an end, whoever was told of its incident.
async fn audience(
    facts: &Facts<'_>,
    alerting: &Alerting,
    outbox: &dyn Outbox,
    one: &Standing,
    moment: Moment,
) -> Result<Vec<String>, PortError> {
    let sinks = alerting.setup.sinks.iter();
    if moment == Moment::Resolved {
        let told: BTreeSet<String> = outbox
            .deliveries(Which::Of(one.id))
            .await?
            .into_iter()
            .filter(|delivery| delivery.settled.is_none_or(|(_, how)| how == Settled::Delivered))
            .map(|delivery| delivery.sink)
            .collect();
        let told = sinks.filter(|sink| told.contains(&sink.name));
        return Ok(told.map(|sink| sink.name.clone()).collect());
    }
    if moment == Moment::Still {
        return Ok(facts.still(one).map(|sink| sink.name.clone()).collect());
    }
    let wants = sinks.filter(|sink| sink.wants(&one.incident));
    Ok(wants.map(|sink| sink.name.clone()).collect())
}

/// The keys of those that each cause explains and that nobody was told of by themselves.
fn folded<'a>(
    standing: &'a [Standing],
    causes: &BTreeMap<i64, Explained>,
) -> BTreeMap<i64, Vec<&'a str>> {
    let mut folded: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for one in standing.iter().filter(|one| one.told.is_none()) {
        let now = causes.get(&one.id).map(|explained| explained.by);
        let before = one.untold.as_ref().and_then(|untold| untold.cause);
        if let Some(cause) = now.or(before) {
            folded.entry(cause).or_default().push(&one.incident.key);
        }
    }
    folded
}
