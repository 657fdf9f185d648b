//! The person who is told: a receiver of webhooks that is away every now and then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use sweepd_decide::Span;
use sweepd_services::Webhook;

use crate::clock::{now, pause};

/// So long it takes whatever comes, and so long it takes nothing.
const THERE: Span = Span::from_secs(50);
const AWAY: Span = Span::from_secs(25);
/// So long it is waited for that everything has arrived.
const PATIENCE: Span = Span::from_secs(60);

/// Who is told.
#[derive(Debug)]
pub(crate) struct Hearer {
    webhook: Webhook,
    state: PathBuf,
}

/// What arrived.
#[derive(Debug)]
struct Heard {
    id: String,
    key: String,
    moment: String,
}

impl Hearer {
    pub(crate) async fn start(state: PathBuf) -> Self {
        Self { webhook: Webhook::start().await, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/hook", self.webhook.url())
    }

    /// Comes and goes; never ends.
    pub(crate) async fn come_and_go(&self) {
        loop {
            pause(THERE).await;
            self.webhook.answer(503);
            pause(AWAY).await;
            self.webhook.answer(204);
        }
    }

    /// Takes whatever comes, and waits for what is under way.
    pub(crate) async fn hear_out(&self) {
        self.webhook.answer(204);
        let until = now().plus(PATIENCE);
        while now() < until && self.promised().is_ok_and(|all| all.iter().any(Promise::waits)) {
            pause(Span::from_millis(200)).await;
        }
    }

    /// How much arrived, and how often nobody was there.
    pub(crate) fn summary(&self) -> String {
        let requests = self.webhook.requests();
        let away = requests.iter().filter(|request| request.answer == Some(503)).count();
        format!("alerts: {} arrived; {away} posts found nobody", self.heard().len())
    }

    /// Whatever speaks against it that each promise was kept once, and that each incident that was
    /// told was told to be over.
    pub(crate) fn against(&self) -> Vec<String> {
        let promised = match self.promised() {
            Ok(promised) if promised.is_empty() => return vec!["nothing was promised".to_owned()],
            Ok(promised) => promised,
            Err(error) => return vec![error.to_string()],
        };
        let mut against = Vec::new();
        let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
        let mut open: BTreeMap<String, String> = BTreeMap::new();
        for one in self.heard() {
            *arrived.entry(one.id).or_default() += 1;
            let is_open = open.contains_key(&one.key);
            match one.moment.as_str() {
                "opened" if is_open => against.push(format!("opened twice: {}", one.key)),
                "still" | "resolved" if !is_open => {
                    against.push(format!("{} before it opened: {}", one.moment, one.key));
                }
                _ => {}
            }
            if one.moment == "resolved" {
                open.remove(&one.key);
            } else {
                open.insert(one.key, one.moment);
            }
        }
        for promise in promised {
            let times = arrived.remove(&promise.id).unwrap_or(0);
            if (promise.outcome.as_deref(), times) != (Some("delivered"), 1) {
                against.push(format!("{promise:?} arrived {times} times"));
            }
        }
        against.extend(arrived.into_keys().map(|id| format!("{id} was not promised")));
        against.extend(untold(&self.state).unwrap_or_else(|error| vec![error.to_string()]));
        against
    }

    fn heard(&self) -> Vec<Heard> {
        let mut heard = Vec::new();
        for body in self.webhook.taken() {
            let body: Value = serde_json::from_slice(&body).unwrap();
            for alert in body["alerts"].as_array().unwrap() {
                let incident = &alert["news"]["incident"];
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                if incident.is_object() {
                    let (key, moment) = (text(&incident["key"]), text(&incident["moment"]));
                    heard.push(Heard { id: text(&alert["id"]), key, moment });
                }
            }
        }
        heard
    }

    fn promised(&self) -> rusqlite::Result<Vec<Promise>> {
        let db = open(&self.state)?;
        let mut all = db.prepare(
            "SELECT a.alert ->> '$.id', d.outcome FROM deliveries d JOIN alerts a ON a.id = d.alert \
             WHERE a.incident IS NOT NULL ORDER BY d.id",
        )?;
        let read = |row: &rusqlite::Row<'_>| Ok(Promise { id: row.get(0)?, outcome: row.get(1)? });
        all.query_map([], read)?.collect()
    }
}

/// What was promised, and what became of it.
#[derive(Debug)]
struct Promise {
    id: String,
    outcome: Option<String>,
}

impl Promise {
    const fn waits(&self) -> bool {
        self.outcome.is_none()
    }
}

/// Incidents that are over, were told, and are not told to be over; and those that lasted and were
/// not told, without a word of why.
fn untold(state: &Path) -> rusqlite::Result<Vec<String>> {
    let db = open(state)?;
    let mut all = db.prepare(
        "SELECT i.key FROM incidents i LEFT JOIN telling t ON t.incident = i.id \
         WHERE i.severity <> 'notice' AND ((t.told_at IS NOT NULL AND i.resolved_at IS NOT NULL \
         AND t.end_told_at IS NULL) OR (t.told_at IS NULL AND t.why IS NULL))",
    )?;
    let key = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let keys: Vec<String> = all.query_map([], key)?.collect::<Result<_, _>>()?;
    Ok(keys.into_iter().map(|key| format!("not told: {key}")).collect())
}

fn open(state: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(state, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(std::time::Duration::from_secs(2))?;
    Ok(db)
}
