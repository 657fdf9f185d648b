//! What should a person do about a finding?

use sweepd_decide::FindingKind;

/// In one or two sentences. `whom` is the agent, or the source.
#[expect(clippy::too_many_lines, reason = "one table")]
pub(super) fn advice(kind: FindingKind, whom: &str) -> String {
    let why = format!("`sweepd why {whom}` has the evidence");
    match kind {
        FindingKind::AgentStuck => format!(
            "Nothing, if it recovers: you are told then. If it comes again, look at what it last \
             did; {why}."
        ),
        FindingKind::DeadLetter => {
            "See what the message made of its agent: `sweepd dead-letters`. Mended? `sweepd \
             dead-letters requeue ID` tries it again."
                .to_owned()
        }
        FindingKind::MessageFailed => format!("Look into the agent's own log; {why}."),
        FindingKind::WakeFailing => {
            format!("See the last error and what it wrote before it ended; {why}. It is tried on.")
        }
        FindingKind::Zombie => {
            "Stop it by hand (`docker rm -f`); if that hangs too, the engine or the kernel is at \
             fault. The stop is tried on."
                .to_owned()
        }
        FindingKind::SilentFailure => format!(
            "See why it did not answer: its token, its quota, its log; {why}. Meant? `sweepd \
             incidents resolve ID --expected` remembers that."
        ),
        FindingKind::Credential => {
            "Log in again, or renew the token; agents that run hold the old one until they are \
             woken anew."
                .to_owned()
        }
        FindingKind::Undelivered => {
            format!("See whether its host delivers, and what the service said; {why}.")
        }
        FindingKind::NotProgressing => {
            format!(
                "See whether the agent still polls its queue; `sweepd stop {whom}` restarts it."
            )
        }
        FindingKind::InClaimSilence => {
            format!("A long tool, or a hang? {why}; `sweepd stop {whom}` ends it.")
        }
        FindingKind::CrashLooping => format!("Read its log: why does it end? {why}."),
        FindingKind::ContainerDown => {
            format!("Start it, or see why it ended; `sweepd pause {whom}` if that is meant.")
        }
        FindingKind::RecreateFailing => {
            format!("See the engine's words, and provide what is lacking; {why}. It is tried on.")
        }
        FindingKind::OrphanContainer => {
            "Remove it, or put its agent back; `remove-orphans` has sweepd do it.".to_owned()
        }
        FindingKind::DuplicateContainer => {
            "Remove the one too many: until then nobody stops either.".to_owned()
        }
        FindingKind::ShadowedMessage => {
            "The agent wrote an ack with a status nobody knows: which version is it?".to_owned()
        }
        FindingKind::HostNotSweeping => {
            "The host ought to release these claims: is its own sweep alive?".to_owned()
        }
        FindingKind::SourceShrunk => {
            "Meant? Then nothing. Else see whether its database or its disk is the right one."
                .to_owned()
        }
        FindingKind::BadSchedule => "Mend the cron expression; the row is left alone.".to_owned(),
        FindingKind::MalformedRow => "Mend the row; it is left alone.".to_owned(),
        FindingKind::Unreadable => {
            format!("Nothing is done there until it can be read again; {why}.")
        }
        FindingKind::HostDown => "Start the host again; until then nobody answers.".to_owned(),
        FindingKind::RuntimeUnreachable => {
            "See whether the engine runs (`docker info`). Until it answers nothing is done to \
             anybody."
                .to_owned()
        }
        FindingKind::BrakeEngaged => {
            "Look for what they share: the host, the disk, the network, the provider. If they are \
             stuck for good: `sweepd brake release`."
                .to_owned()
        }
        FindingKind::SelfDegraded => {
            "See to the state directory: is its disk full or read-only? Until then nothing is \
             stopped, woken or retried."
                .to_owned()
        }
        FindingKind::SinkFailed => format!(
            "See to its address and token, then `sweepd alert test {whom}`. What waits is sent \
             then."
        ),
        FindingKind::Flapping => {
            format!("It does not stay well, nor ill: see what comes and goes with it; {why}.")
        }
        FindingKind::ClockSuspicious => {
            "Compare the clocks of the host and the agent's file system.".to_owned()
        }
        FindingKind::GhostSession => {
            "The session is listed and not there: remove its row, or restore it.".to_owned()
        }
        FindingKind::ForeignSchema => {
            "The databases are of another version than sweepd knows: one step is left out."
                .to_owned()
        }
        FindingKind::HostLive => {
            "Nothing: beside its own host sweepd only assists. `mode = \"assist\"` says that you \
             know."
                .to_owned()
        }
    }
}
