//! What a person wants about incidents and alerts.

use serde_json::{Value, json};
use sweepd_decide::Timestamp;
use sweepd_sweep::{AttendError, Attended, Attention};

use super::carry::At;
use super::{Answer, Wish};
use crate::config::nearest;
use crate::exit::{Exit, Failure};
use crate::schema;

impl At<'_> {
    /// Each of them, in order; the first that cannot be done ends it.
    pub(super) async fn attend(
        &self,
        wish: Wish,
        incidents: &[i64],
        until: Option<Timestamp>,
    ) -> Result<Answer, Failure> {
        let mut lines = Vec::new();
        let mut done = Vec::new();
        for id in incidents {
            let attention = match wish {
                Wish::Ack => Attention::Acknowledge(*id),
                Wish::Snooze | Wish::Unsnooze => Attention::Snooze(*id, until),
                Wish::Resolve => Attention::Resolve(*id),
                Wish::Expect => Attention::Expect(*id),
            };
            let attended = self.engine.attend(attention).await.map_err(|e| self.refused(e))?;
            let Attended::Incident(key) = attended else { continue };
            let (what, then) = match wish {
                Wish::Ack => {
                    ("acknowledged", "told again only if it gets worse, and when it is over")
                }
                Wish::Snooze => ("snoozed", ""),
                Wish::Unsnooze => ("not snoozed any more", "told as the rules say"),
                Wish::Resolve => ("closed", "it opens again if it is seen again"),
                Wish::Expect => ("closed", "these series may be silent from now on"),
            };
            let then = match (wish, until) {
                (Wish::Snooze, Some(until)) => format!(" until {until}"),
                _ => format!(": {then}"),
            };
            lines.push(format!("{what} #{id} {key}{then}"));
            done.push(json!({ "id": id, "key": key }));
        }
        let mut answer = self.plain(&lines.join("\n"));
        if let Value::Object(members) = &mut answer.json {
            members.insert("attended".to_owned(), Value::Array(done));
        }
        Ok(answer)
    }

    /// One attempt at each, past whatever waits there.
    pub(super) async fn test_alerts(&self, sink: Option<&str>) -> Result<Answer, Failure> {
        let attention = Attention::Test(sink.map(str::to_owned));
        let attended = self.engine.attend(attention).await.map_err(|error| self.refused(error))?;
        let Attended::Tested(tested) = attended else { return Ok(self.plain("")) };
        let (mut lines, mut shown) = (Vec::new(), Vec::new());
        for (name, result) in &tested {
            let configured = self.config.alerts.sinks.iter().find(|sink| sink.name == *name);
            let kind = configured.map_or("?", |sink| sink.to.kind());
            let takes_notes = configured.is_none_or(|sink| sink.to.takes_notes());
            let (word, words) = match result {
                Ok(remark) if !takes_notes => ("reached", remark.as_deref()),
                Ok(remark) => ("delivered", remark.as_deref()),
                Err(words) => ("not delivered", Some(words.as_str())),
            };
            let said = words.map(|words| format!(": {words}")).unwrap_or_default();
            lines.push(format!("{name} ({kind}): {word}{said}\n"));
            let delivered = result.is_ok();
            shown.push(json!({
                "sink": name, "kind": kind, "delivered": delivered, "words": words,
            }));
        }
        let mut json = schema::answer(self.config.mode.into(), false, Vec::new(), &[]);
        json.insert("tested".to_owned(), Value::Array(shown));
        let arrived = tested.iter().all(|(_, result)| result.is_ok());
        let exit = if arrived { Exit::Well } else { Exit::Failing };
        Ok(Answer {
            json: json!(json),
            text: lines.concat(),
            trouble: Vec::new(),
            exit: exit.number(),
        })
    }

    pub(super) async fn retry_alerts(&self, ids: &[i64]) -> Result<Answer, Failure> {
        let count = self.of_alerts(Attention::Retry(ids.to_vec())).await?;
        let when = if self.handle.is_some() { "now" } else { "by the next `sweepd sweep`" };
        Ok(self.plain(&match count {
            0 => "no alerts were given up".to_owned(),
            1 => format!("1 alert is tried again {when}"),
            many => format!("{many} alerts are tried again {when}"),
        }))
    }

    pub(super) async fn drop_alerts(&self, ids: &[i64]) -> Result<Answer, Failure> {
        Ok(self.plain(&match self.of_alerts(Attention::Drop(ids.to_vec())).await? {
            0 => "no alerts were given up".to_owned(),
            1 => "1 alert is forgotten".to_owned(),
            many => format!("{many} alerts are forgotten"),
        }))
    }

    async fn of_alerts(&self, attention: Attention) -> Result<usize, Failure> {
        match self.engine.attend(attention).await.map_err(|error| self.refused(error))? {
            Attended::Alerts(count) => Ok(count),
            Attended::Incident(_) | Attended::Tested(_) => Ok(0),
        }
    }

    fn refused(&self, error: AttendError) -> Failure {
        let exit = if matches!(error, AttendError::Engine(_)) { Exit::Blind } else { Exit::Usage };
        let hint = match &error {
            AttendError::NoSinks => {
                "add a [[sink]]; docs/guide/alerts.md has one of each kind".to_owned()
            }
            AttendError::NoIncident(_) => "`sweepd incidents` lists those that are open".to_owned(),
            AttendError::NoAlert(_) => "`sweepd alert list` shows what was given up".to_owned(),
            AttendError::NoSink(name) => self.known_sinks(name),
            AttendError::Engine(_) | _ => return Failure::new(exit, error),
        };
        Failure::new(exit, error).with_hint(hint)
    }

    fn known_sinks(&self, name: &str) -> String {
        let known: Vec<&str> =
            self.config.alerts.sinks.iter().map(|sink| sink.name.as_str()).collect();
        match nearest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean {meant:?}? There are {}", known.join(", ")),
            None => format!("there are {}", known.join(", ")),
        }
    }
}
