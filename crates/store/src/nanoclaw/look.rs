//! One look at one session: both databases and the heartbeat, within limits, without judging.

use std::error::Error as _;

use sweepd_decide::{Claim, Observed};

use super::beneath::SessionDir;
use super::open::{Allowance, Database, INBOUND, OUTBOUND};
use super::reply::{Inbound, Look, LookRequest, Outbound, Part};
use super::root::Root;
use super::unreadable::Unreadable;
use super::{inbound, outbound};
use crate::budget::Budget;

/// The longest value SQLite handles in a look; longer content is skipped, not read.
const LONGEST_VALUE: i32 = 1_000_000;

/// Looks at one session. Never fails and never panics: what could not be seen is in the reply.
///
/// Blocks for at most the request's deadline plus the system's own time for a handful of calls on
/// a local file system. Creates and changes nothing, unless the request allows to roll back a hot
/// journal. Calls for different sessions may run at the same time.
pub fn look(request: &LookRequest) -> Look {
    match session(request) {
        Ok(Some(dir)) => look_into(&dir, request),
        Ok(None) => {
            Look { inbound: Part::Missing, outbound: Part::Missing, heartbeat: Observed::Absent }
        }
        Err(why) => Look {
            inbound: Part::Unreadable(why.clone()),
            outbound: Part::Unreadable(why),
            heartbeat: Observed::Unknown,
        },
    }
}

/// The directory of a session, if there is one.
pub(super) fn session(request: &LookRequest) -> Result<Option<SessionDir>, Unreadable> {
    let root = Root::open(&request.root).map_err(|error| Unreadable::Io {
        file: "the NanoClaw root".to_owned(),
        detail: error.source().map_or_else(|| error.to_string(), ToString::to_string),
    })?;
    SessionDir::open(root.sessions_dir(), &request.agent_group_id, &request.session_id)
}

fn look_into(dir: &SessionDir, request: &LookRequest) -> Look {
    let allowance = allowance(request);
    let heartbeat = dir.modified(".heartbeat");
    let claimed = claimed(dir, request, allowance);
    let claims = match &claimed {
        Ok(Some((_, claims))) => claims.as_slice(),
        Ok(None) | Err(_) => &[],
    };
    let inbound = Part::from(inbound(dir, request, allowance, claims));
    let messages = inbound.seen().map_or(&[][..], |inbound| &inbound.messages);
    let outbound: Result<Option<Outbound>, Unreadable> = claimed.and_then(|found| {
        found.map(|(database, claims)| outbound::read(&database, claims, messages)).transpose()
    });
    Look { inbound, outbound: outbound.into(), heartbeat }
}

/// What a look may cost, from now on.
pub(super) fn allowance(request: &LookRequest) -> Allowance {
    Allowance {
        busy: Budget::of_millis(request.busy_ms),
        deadline: Budget::of_millis(request.deadline_ms),
        max_file: request.max_file,
        max_value: LONGEST_VALUE,
    }
}

fn claimed(
    dir: &SessionDir,
    request: &LookRequest,
    allowance: Allowance,
) -> Result<Option<(Database, Vec<Claim>)>, Unreadable> {
    let Some(database) = Database::read(dir, OUTBOUND, allowance)? else { return Ok(None) };
    let claims = outbound::claims(&database, request.max_claims)?;
    Ok(Some((database, claims)))
}

fn inbound(
    dir: &SessionDir,
    request: &LookRequest,
    allowance: Allowance,
    claims: &[Claim],
) -> Result<Option<Inbound>, Unreadable> {
    let opened = match Database::read(dir, INBOUND, allowance) {
        Err(why) if why.is_hot_journal() && request.heal_inbound => {
            Database::heal(dir, INBOUND, allowance)?;
            Database::read(dir, INBOUND, allowance)
        }
        opened => opened,
    };
    opened?.map(|database| inbound::read(&database, claims, request.max_rows)).transpose()
}
