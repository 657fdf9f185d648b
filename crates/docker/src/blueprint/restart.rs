//! When the engine itself starts a container again.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A restart policy, written down as engines do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Restart {
    /// `no`, `always`, `unless-stopped` or `on-failure`.
    pub name: String,
    /// After so many failures in a row it is given up, with `on-failure`. 0: never.
    #[serde(rename = "MaximumRetryCount")]
    pub max_retries: i64,
}

/// No restarts.
impl Default for Restart {
    fn default() -> Self {
        Self { name: "no".to_owned(), max_retries: 0 }
    }
}

/// Reads `no`, `always`, `unless-stopped` or `on-failure[:N]`; anything else is
/// [`Error::Declared`].
impl FromStr for Restart {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong =
            |wrong: &str| Error::Declared { given: text.to_owned(), wrong: wrong.to_owned() };
        let policy = |name: &str, max_retries| Ok(Self { name: name.to_owned(), max_retries });
        match text.split_once(':') {
            None if matches!(text, "no" | "always" | "unless-stopped" | "on-failure") => {
                policy(text, 0)
            }
            Some(("on-failure", times)) => match times.parse::<u32>() {
                Ok(times) => policy("on-failure", times.into()),
                Err(_) => Err(wrong("after `on-failure:` comes a number of retries")),
            },
            None | Some(_) => {
                Err(wrong("a restart policy is no, always, unless-stopped or on-failure[:N]"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_policies_are_read_and_nothing_else_is() {
        for name in ["no", "always", "unless-stopped", "on-failure"] {
            let policy: Restart = name.parse().unwrap();
            assert_eq!((policy.name.as_str(), policy.max_retries), (name, 0));
        }
        let policy: Restart = "on-failure:3".parse().unwrap();
        assert_eq!((policy.name.as_str(), policy.max_retries), ("on-failure", 3));
        for bad in ["", "never", "always:3", "on-failure:", "on-failure:-1", "on-failure:x"] {
            let error = bad.parse::<Restart>().unwrap_err();
            assert!(error.to_string().starts_with(&format!("`{bad}` cannot be used: ")), "{error}");
        }
    }
}
