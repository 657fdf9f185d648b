//! What can happen, under the names of the journal: published words, past tense, only ever added.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What kind of thing happened.
        ///
        /// What each one carries: docs/reference/events.md.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        #[non_exhaustive]
        pub enum EventKind { $($(#[$doc])* $name,)* }

        impl EventKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The published name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// An agent was woken, or found awake by the wake.
    AgentWoken = "agent_woken";
    /// A wake did not work.
    WakeFailed = "wake_failed";
    /// A stop of ours ended its run.
    AgentStopped = "agent_stopped";
    /// A stop of ours did not end its run.
    StopFailed = "stop_failed";
    /// The kernel killed something in a run for want of memory, and the run has ended by itself.
    ContainerOom = "container_oom";
    /// An always-on container is not there at all.
    ContainerMissing = "container_missing";
    /// An always-on container is there, and not up.
    ContainerStopped = "container_stopped";
    /// An always-on container was made anew.
    ContainerRecreated = "container_recreated";
    /// An always-on container could not be made anew.
    ContainerRecreateFailed = "container_recreate_failed";
    /// A run ended by itself.
    ContainerDied = "container_died";
    /// A message is done.
    MessageCompleted = "message_completed";
    /// A message was put off and will be tried again.
    MessageRetried = "message_retried";
    /// A message failed, by its agent's word or because it was given up.
    MessageFailed = "message_failed";
    /// The next run of a series was put down.
    MessageRecurred = "message_recurred";
    /// A message was worked on and never answered.
    SilentFailure = "silent_failure";
    /// A credential is about to be over, or is.
    CredentialExpiring = "credential_expiring";
    /// A newer credential was put in its place.
    CredentialRefreshed = "credential_refreshed";
    /// What is decided about an agent is another thing than before.
    DecisionChanged = "decision_changed";
    /// An incident was opened.
    IncidentOpened = "incident_opened";
    /// An open incident says something new.
    IncidentUpdated = "incident_updated";
    /// An incident is over.
    IncidentResolved = "incident_resolved";
    /// The host has slept, its clock has jumped, or sweepd was held up: nobody is stopped for a while.
    ClockStepped = "clock_stepped";
    /// A source, or one agent, could not be looked at: nothing was done there.
    TickSkipped = "tick_skipped";
    /// So many agents look stuck at once that stops are held; one was let go, or all of them.
    BrakeEngaged = "brake_engaged";
    /// A resync found what no hint had announced.
    ResyncCaught = "resync_caught";
    /// People were told.
    AlertDelivered = "alert_delivered";
    /// An attempt to tell people did not work; it is tried again.
    AlertDeferred = "alert_deferred";
    /// People could not be told, and it is not tried any more.
    AlertGivenUp = "alert_given_up";
    /// Somebody has acknowledged an incident, snoozed it, or closed it.
    IncidentAttended = "incident_attended";
    /// Somebody told sweepd by hand to leave agents alone, or not to any more.
    AgentPaused = "agent_paused";
    /// Somebody took a pause back.
    AgentResumed = "agent_resumed";
    /// A pass is over.
    PassFinished = "pass_finished";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_kinds_share_a_name_and_each_is_snake_case() {
        let names: std::collections::BTreeSet<_> =
            EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), EventKind::ALL.len());
        for name in names {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        }
    }
}
