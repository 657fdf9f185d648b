//! What a splice changes, and that it changes nothing else.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn spliced(old: &str, new: &str) -> Option<String> {
    claude(old.as_bytes(), new.as_bytes()).map(|it| String::from_utf8(it).unwrap())
}

const NEW: &str = r#"{"claudeAiOauth":{"accessToken":"PLANTED-new","expiresAt":2}}"#;

#[test]
fn foreign_fields_order_spaces_numbers_and_the_line_end_stay() {
    let old = "{\n  \"z\": 1.50e3,\n  \"claudeAiOauth\": {\n    \"expiresAt\": 1,\n    \"scopes\": [\"a\"],\n    \"accessToken\": \"PLANTED-old\"\n  },\r\n  \"a\": \"\\u00e4\"\n}\n\n";
    let got = spliced(old, NEW).unwrap();
    let meant =
        old.replace("\"expiresAt\": 1", "\"expiresAt\": 2").replace("PLANTED-old", "PLANTED-new");
    assert_eq!(got, meant);
}

#[test]
fn a_field_that_is_new_comes_last_and_is_spaced_like_the_others() {
    let old = "{ \"claudeAiOauth\" : {\n\t\"expiresAt\" : 1\n} }";
    let meant =
        "{ \"claudeAiOauth\" : {\n\t\"expiresAt\" : 2,\n\t\"accessToken\" : \"PLANTED-new\"\n} }";
    assert_eq!(spliced(old, NEW).unwrap(), meant);
}

#[test]
fn a_credential_that_is_not_there_yet_is_put_in_whole() {
    let object = r#"{"accessToken":"PLANTED-new","expiresAt":2}"#;
    assert_eq!(spliced("{}\n", NEW).unwrap(), format!("{{\"claudeAiOauth\":{object}}}\n"));
    let got = spliced("{\n  \"a\": []\n}", NEW).unwrap();
    assert_eq!(got, format!("{{\n  \"a\": [],\n  \"claudeAiOauth\": {object}\n}}"));
    let got = spliced("{\"claudeAiOauth\": null, \"b\": 1}", NEW).unwrap();
    assert_eq!(got, format!("{{\"claudeAiOauth\": {object}, \"b\": 1}}"));
}

#[test]
fn of_a_name_that_is_twice_the_last_is_meant_and_changed() {
    let old = r#"{"claudeAiOauth":1,"claudeAiOauth":{"expiresAt":0,"expiresAt":1,"\u0061ccessToken":"x"}}"#;
    let meant = r#"{"claudeAiOauth":1,"claudeAiOauth":{"expiresAt":0,"expiresAt":2,"\u0061ccessToken":"PLANTED-new"}}"#;
    assert_eq!(spliced(old, NEW).unwrap(), meant);
    let new = r#"{"claudeAiOauth":{"accessToken":"a","expiresAt":1,"accessToken":"PLANTED-new","expiresAt":2}}"#;
    assert_eq!(spliced(old, new).unwrap(), meant);
}

#[test]
fn what_is_no_object_is_left_alone() {
    for old in ["[]", "3", "\"claudeAiOauth\"", "", "{", "{\"a\":}", "\u{feff}{}"] {
        assert_eq!(spliced(old, NEW), None, "{old}");
    }
    for new in ["{}", "[]", r#"{"claudeAiOauth":[]}"#] {
        assert_eq!(spliced("{}", new), None, "{new}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~äß\\\\\"{}\\[\\],:\n]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            any_object(inner).prop_map(Value::Object),
        ]
    })
}

fn any_object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let names = "(accessToken|expiresAt|claudeAiOauth|[a-c\"\\\\{}]{0,3})";
    prop::collection::btree_map(names, inner, 0..5).prop_map(|it| it.into_iter().collect())
}

fn written(value: &Value, pretty: bool) -> Vec<u8> {
    let written = if pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) };
    written.unwrap()
}

proptest! {
    #[test]
    fn every_credential_gets_into_every_object_and_nothing_else_changes(
        mut old in any_object(any_json()),
        there in proptest::option::of(any_object(any_json())),
        fields in any_object(any_json()),
        pretty: bool,
        other_pretty: bool,
    ) {
        if let Some(there) = there {
            old.insert(CLAUDE.into(), Value::Object(there));
        }
        let old = Value::Object(old);
        let new = json!({ CLAUDE: fields });
        let got = claude(&written(&old, pretty), &written(&new, other_pretty));
        let got: Value = serde_json::from_slice(&got.unwrap()).unwrap();
        for (name, value) in got.as_object().unwrap() {
            if name != CLAUDE {
                prop_assert_eq!(Some(value), old.get(name));
            }
        }
        for (name, value) in got[CLAUDE].as_object().unwrap() {
            let old = old.get(CLAUDE).and_then(|it| it.get(name));
            prop_assert_eq!(Some(value), fields.get(name).or(old));
        }
    }

    #[test]
    fn no_bytes_make_it_fail(old: Vec<u8>, new: Vec<u8>, text in "[{}\\[\\]\",:\\\\a1 ]{0,40}") {
        let _either = claude(&old, &new);
        let _either = claude(text.as_bytes(), NEW.as_bytes());
        let _either = claude(NEW.as_bytes(), text.as_bytes());
        let _either = members(text.as_bytes(), 0);
        let _either = skip_value(&old, 0);
    }
}
