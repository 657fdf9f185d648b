//! Names of things: agents, messages, and what an agent's concrete run is called.

use alloc::string::String;
use core::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $name(String);

        impl $name {
            /// Wraps the id as it is written elsewhere; nothing is checked or changed.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self::new(id)
            }
        }
    };
}

id! {
    /// One supervised thing: `<source>/<name>`, e.g. `nanoclaw/ag-1/sess-1`.
    AgentId
}
id! {
    /// A message in an agent's inbound queue. Free text: whatever the host wrote.
    MessageId
}
id! {
    /// What a runtime calls one run of an agent for good: a container's immutable id, or
    /// `pid:<pid>@<start>` of a process. Never a name that a successor could take over.
    RunId
}

impl AgentId {
    /// The source this agent comes from: what stands before the first `/`.
    pub fn source(&self) -> &str {
        self.0.split_once('/').map_or(self.as_str(), |(source, _)| source)
    }
}
