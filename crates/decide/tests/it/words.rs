//! Published words: scripts rely on them.

use sweepd_decide::silent::{MayBeSilent, Sign};
use sweepd_decide::stuck::{Action, HeldBy, Overdue, Rule};
use sweepd_decide::{AgentId, CredentialState, FindingKind, MessageId, Severity, Span, Timestamp};

fn overdue(rule: Rule, idle: bool) -> Overdue {
    Overdue {
        rule,
        idle,
        held_by: None,
        looks: 2,
        message_id: Some("m-1".into()),
        since: Timestamp::from_millis(1_790_000_000_000),
        limit: Span::from_mins(30),
        budget_end: None,
        overdue_at: Timestamp::from_millis(1_790_001_800_001),
    }
}

const RULES: [Rule; 6] =
    [Rule::Ceiling, Rule::Claim, Rule::Silence, Rule::Start, Rule::NeverBeat, Rule::HardCap];

#[test]
fn each_stop_is_explained_in_one_sentence() {
    let mut lines: Vec<String> = Vec::new();
    for idle in [false, true] {
        for rule in RULES {
            let case = overdue(rule, idle);
            let action = rule.action().as_str();
            lines.push(format!("{action} ({}): {case}", case.reason()));
        }
    }
    let budget_end = Some(Timestamp::from_millis(1_790_001_800_000));
    for held_by in [HeldBy::Suspend, HeldBy::Confirmation] {
        let held = Overdue { budget_end, held_by: Some(held_by), ..overdue(Rule::Claim, false) };
        lines.push(held.to_string());
    }
    lines.push(Overdue { message_id: None, ..overdue(Rule::Silence, false) }.to_string());
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn actions_and_kinds_are_called_what_json_calls_them() {
    use Action::{Hold, KillCeiling, KillClaim, KillSilent, KillStart, Ok};
    for action in [Ok, Hold, KillCeiling, KillClaim, KillSilent, KillStart] {
        assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
    }
    let mut kinds: Vec<String> = Vec::new();
    for kind in FindingKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        kinds.push(format!("{} {:?}", kind.as_str(), kind.severity()));
    }
    insta::assert_snapshot!(kinds.join("\n"));
    assert!(Severity::Notice < Severity::Warning && Severity::Warning < Severity::Error);
}

#[test]
fn an_agents_source_is_what_stands_before_the_first_slash() {
    assert_eq!(AgentId::new("nanoclaw/ag-1/s-1").source(), "nanoclaw");
    assert_eq!(AgentId::new("alone").source(), "alone");
}

#[test]
fn signs_are_called_what_json_calls_them_and_some_pass_by_themselves() {
    let lines = [
        (Sign::Authentication, "authentication", false),
        (Sign::RateLimit, "rate-limit", true),
        (Sign::Quota, "quota", true),
        (Sign::Overloaded, "overloaded", true),
        (Sign::Api, "api", false),
        (Sign::ReadOnlyCredential, "read-only-credential", false),
        (Sign::DiskFull, "disk-full", false),
    ];
    assert_eq!(lines.map(|(sign, _, _)| sign), Sign::ALL);
    for (sign, word, passes) in lines {
        assert_eq!((sign.as_str(), sign.passes()), (word, passes));
        assert_eq!(serde_json::to_value(sign).unwrap(), word);
        assert_eq!(serde_json::from_value::<Sign>(word.into()).unwrap(), sign);
    }
}

#[test]
fn states_of_credentials_are_called_what_json_calls_them_and_some_want_a_newer_one() {
    let lines = [
        (CredentialState::Ok, "ok", false),
        (CredentialState::Expiring, "expiring", true),
        (CredentialState::Expired, "expired", true),
        (CredentialState::Missing, "missing", false),
        (CredentialState::Unreadable, "unreadable", false),
        (CredentialState::Unknown, "unknown", false),
    ];
    for (state, word, wants_refresh) in lines {
        assert_eq!((state.as_str(), state.wants_refresh()), (word, wants_refresh));
        assert_eq!(serde_json::to_value(state).unwrap(), word);
        assert_eq!(serde_json::from_value::<CredentialState>(word.into()).unwrap(), state);
    }
}

#[test]
fn who_may_be_silent_is_named_by_a_series_a_kind_or_an_id() {
    let series = |text: &str| MayBeSilent::Series(text.to_owned());
    let kind = |text: &str| MayBeSilent::Kind(text.to_owned());
    let message = |text| MayBeSilent::Message(MessageId::new(text));
    let lines = [
        ("series:s-1", series("s-1")),
        ("series:a:b", series("a:b")),
        ("series:kind:a", series("kind:a")),
        ("kind:webhook", kind("webhook")),
        ("kind:series:a", kind("series:a")),
        ("m-1", message("m-1")),
        ("discord:m-1", message("discord:m-1")),
        ("series", message("series")),
        ("Kind:webhook", message("Kind:webhook")),
        (" kind:webhook", message(" kind:webhook")),
        (":kind:webhook", message(":kind:webhook")),
    ];
    for (text, named) in lines {
        assert_eq!(MayBeSilent::of(text), named, "{text}");
    }
}
