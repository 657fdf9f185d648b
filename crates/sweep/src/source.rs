//! A source as a whole at the beginning of a pass: its roster, its host, what is wrong with it.

use sweepd_decide::{Finding, FindingKind, MessageId, Span, Timestamp};

use crate::mode::Mode;
use crate::ports::{HostState, PortError, Roster, SourceRecord};
use crate::setup::SourceSetup;

/// Looks in a row at which a host once seen has to be absent.
const HOST_DOWN_LOOKS: u32 = 2;
/// Looks of the daemon closer together than this count as one; a call of its own is always one.
const APART: Span = Span::from_secs(5);
/// How long a runtime may be silent before that is an incident.
const RUNTIME_LOST: Span = Span::from_mins(5);

/// The kinds of findings that are about a source as a whole.
pub(crate) const SOURCE_KINDS: &[FindingKind] = &[
    FindingKind::HostLive,
    FindingKind::HostDown,
    FindingKind::SourceShrunk,
    FindingKind::RuntimeUnreachable,
    FindingKind::MalformedRow,
    FindingKind::Unreadable,
    FindingKind::OrphanContainer,
    FindingKind::ForeignSchema,
];

/// What a pass sees of a source before it serves anybody.
pub(crate) struct SourceView {
    pub(crate) roster: Roster,
    pub(crate) host: HostState,
    pub(crate) findings: Vec<Finding>,
}

impl SourceView {
    /// Looks at the source and judges it against what is remembered about it, which it updates.
    pub(crate) async fn look(
        setup: &SourceSetup,
        record: &mut SourceRecord,
        daemon: bool,
        now: Timestamp,
    ) -> Result<Self, PortError> {
        let host = setup.source.host().await;
        let roster = setup.source.roster().await?;
        let mut view = Self { roster, host, findings: Vec::new() };
        let apart = if daemon { APART } else { Span::ZERO };
        let enforced = setup.mode == Mode::Enforce
            || view
                .roster
                .agents
                .iter()
                .any(|on| setup.rules.mode(&on.agent) == Some(Mode::Enforce));
        view.judge_host(enforced, record, apart, now);
        view.judge_size(record, now);
        if let Some(why) = view.roster.unread.clone() {
            view.find(FindingKind::Unreadable, now, why);
        }
        for (id, reason) in view.roster.refused.clone() {
            let what = if setup.keeper.is_some() { "container" } else { "session" };
            let detail = Some(format!("{what} refused: {reason}"));
            let kind = FindingKind::MalformedRow;
            let message_id = Some(MessageId::new(id));
            view.findings.push(Finding { kind, message_id, since: now, detail });
        }
        Ok(view)
    }

    fn judge_host(
        &mut self,
        enforced: bool,
        record: &mut SourceRecord,
        apart: Span,
        now: Timestamp,
    ) {
        match self.host {
            HostState::Alive => {
                record.host_seen = true;
                record.host_absent_looks = 0;
                if enforced {
                    self.find(FindingKind::HostLive, now, String::new());
                }
            }
            HostState::Absent if record.host_seen => {
                if record.host_looked_at.is_none_or(|last| now >= last.plus(apart)) {
                    record.host_absent_looks = record.host_absent_looks.saturating_add(1);
                    record.host_looked_at = Some(now);
                }
                if record.host_absent_looks >= HOST_DOWN_LOOKS {
                    self.find(FindingKind::HostDown, now, "its socket refuses".to_owned());
                }
            }
            HostState::Absent => {}
        }
    }

    fn judge_size(&mut self, record: &mut SourceRecord, now: Timestamp) {
        if self.roster.unread.is_some() {
            return;
        }
        let found = self.roster.agents.len().saturating_add(self.roster.resting.len());
        let before = record.agents;
        if found == 0 || found.saturating_mul(2) < before {
            let detail = format!("{found} agents, {before} at the last good pass");
            self.find(FindingKind::SourceShrunk, now, detail);
        } else {
            record.agents = found;
        }
    }

    pub(crate) fn find(&mut self, kind: FindingKind, since: Timestamp, detail: String) {
        let detail = Some(detail).filter(|detail| !detail.is_empty());
        self.findings.push(Finding { kind, message_id: None, since, detail });
    }
}

/// The finding that a silent runtime is, once it has been silent for long.
pub(crate) fn runtime_lost(
    record: &mut SourceRecord,
    trouble: Option<&str>,
    now: Timestamp,
) -> Option<Finding> {
    let Some(trouble) = trouble else {
        record.runtime_lost_at = None;
        return None;
    };
    let since = *record.runtime_lost_at.get_or_insert(now);
    (now >= since.plus(RUNTIME_LOST)).then(|| Finding {
        kind: FindingKind::RuntimeUnreachable,
        message_id: None,
        since,
        detail: Some(trouble.to_owned()),
    })
}
