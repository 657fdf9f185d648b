//! What is told of bad files: one snapshot of all of them, to be read by people.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{load_text, plain};

/// What is wrong, and a file with it.
const BAD: &[(&str, &str)] = &[
    ("a slip in a key", "[policy]\nceilling = \"45m\"\n"),
    ("an underscore", "[policy]\nclaim_tolerance = \"45s\"\n"),
    ("a slip in a table", "[polcy]\nceiling = \"45m\"\n"),
    ("a key in the wrong table", "ceiling = \"45m\"\n[policy]\nmax-tries = 5\n"),
    ("a key like no other", "[sweep]\nfrobnicate = 1\n"),
    ("several at once", "mode = \"enforced\"\nstat-dir = \"/x\"\n[sweep]\nconcurrency = 0\n"),
    ("no unit", "[policy]\nceiling = \"30\"\n"),
    ("no quotes", "[policy]\nceiling = 30\n"),
    ("a long word", "[policy]\nclaim-tolerance = \"60 seconds\"\n"),
    ("nothing at all", "[policy]\nceiling = \"0s\"\nhard-cap = \"0s\"\nconfirmations = 0\n"),
    ("never where there has to be a limit", "[policy]\nceiling = \"never\"\n"),
    ("a bad limit that may be never", "[policy]\nidle-stop = \"no\"\nsilence = \"none\"\n"),
    ("a wrong word", "[policy]\nprofile = \"nanoklaw\"\nsilence-action = \"kill\"\n"),
    ("a wrong kind of value", "mode = 1\nstate-dir = [\"a\"]\n[sweep]\nconcurrency = \"8\"\n"),
    ("too large a number", "[sweep]\nconcurrency = 99999999999999999999\n"),
    ("a single table that is a list", "[source]\nkind = \"nanoclaw\"\n[[policy]]\n"),
    ("a value that is a table", "policy = 1\nsource = \"nanoclaw\"\ndocker = \"unix:///x\"\n"),
    ("no TOML", "mode = observe\n[policy\nceiling = \"45m\n"),
    ("the same key twice", "mode = \"observe\"\nmode = \"assist\"\n[sweep]\n[sweep]\n"),
    ("a source without anything", "[[source]]\n"),
    ("an unknown kind of source", "[[source]]\nkind = \"nanoclow\"\nroot = \"/r\"\n"),
    (
        "bad names and a name twice",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/a\"\n[[source]]\nkind = \"nanoclaw\"\nroot = \
         \"/b\"\n[[source]]\nkind = \"nanoclaw\"\nname = \"a/b\"\nroot = \"/c\"\n[[source]]\nkind \
         = \"nanoclaw\"\nname = \"a *\"\nroot = \"/d\"\n",
    ),
    (
        "bad values in a source",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"~ada/x\"\nmode = \"enfroce\"\ntimezone = \
         \"Europe/Madird\"\ninstall = \"\"\nsole-sweeper = \"yes\"\n",
    ),
    ("no home", "state-dir = \"~/sweepd\"\n"),
    ("no kind of wake", "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\n[source.wake]\n"),
    (
        "a wrong kind of wake",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\nwake = { kind = \"dokcer\" }\n",
    ),
    (
        "no image, and keys of other kinds",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\n[source.wake]\nkind = \"docker\"\nargv = \
         [\"x\"]\ntimeout = \"1s\"\n",
    ),
    (
        "the key of another kind",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\n[source.wake]\nkind = \
         \"command\"\ncommand = [\"x\"]\n",
    ),
    (
        "bad mounts",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\n[source.wake]\nkind = \
         \"docker\"\nimage = \"x\"\nmounts = [\n  \"/workspace\",\n  \"{sesion_dir}:/a\",\n  \
         \"{home}/x:/b\",\n  \"volume:/c\",\n  \"/x:y\",\n  \"/x:/d:z\",\n]\n",
    ),
    (
        "a list of anything",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\n[source.wake]\nkind = \
         \"docker\"\nimage = \"x\"\nmounts = [\"/a:/b\", 5, true]\ncommand = [[\"a\"], {b = 1}, 1.5, 2026-11-22]\n",
    ),
    (
        "a mount twice",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\n[source.wake]\nkind = \
         \"docker\"\nimage = \"x\"\nmounts = [\"/a:/w\", \"/b:/w:ro\"]\n",
    ),
    (
        "a bad process",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\n[source.wake]\nkind = \"process\"\nargv \
         = []\ncwd = \"here\"\nlog-cap = \"10\"\nenv = { \"A=B\" = \"1\", C = 2, D = \
         \"{session-id}\" }\n",
    ),
    ("an override for nobody", "[[agent]]\nceiling = \"2h\"\nmode = \"off\"\nretry.bas = \"1s\"\n"),
    ("a bad engine", "[docker]\nhost = \"tcp://127.0.0.1:2375\"\n"),
    (
        "tables of later versions",
        "[[probe]]\nkind = \"tcp\"\n[[probe]]\nkind = \"http\"\n[[sink]]\nkind = \
         \"discord\"\n[digest]\nat = \"08:00\"\n[http]\n",
    ),
    (
        "silence and credentials",
        "[silent-failure]\nrule = \"per-turn\"\nwindow = \"1s\"\nmay-be-silent = \
         [\"series:\"]\n[[credential]]\n[[credential]]\nkind = \"oauth\"\npath = \
         \"/x/**/y\"\n[[credential]]\nkind = \"json\"\npath = \"/x\"\nwarn-before = \
         \"0s\"\n[credential.refresh]\nkind = \"file\"\nargv = [\"x\"]\n[[credential]]\nkind = \
         \"claude-oauth\"\npath = \"/x\"\npointer = \"x\"\n[credential.refresh]\nkind = \
         \"command\"\n[[credential]]\nkind = \"jwt\"\npath = \"/x\"\n[credential.refresh]\nkind = \
         \"vault\"\n",
    ),
    (
        "sources and wakes of later versions",
        "[[source]]\nkind = \"containers\"\nname = \"hooks\"\nname-prefix = \
         \"x-\"\n[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\n[source.wake]\nkind = \
         \"learned\"\n[source.health-monitor]\nenabled = true\n",
    ),
    ("always-on containers that nobody names", "[[source]]\nkind = \"containers\"\n"),
    (
        "what has no place in a source of always-on containers",
        "[[source]]\nkind = \"containers\"\nroot = \"/r\"\nsole-sweeper = true\n\
         [source.policy]\nceiling = \"1h\"\n[source.wake]\nkind = \"none\"\n\
         [[source.container]]\nname = \"a1\"\n",
    ),
    (
        "what has no place in a source of sessions",
        "[[source]]\nkind = \"nanoclaw\"\nroot = \"/r\"\nrecreate = \"never\"\n\
         [source.registry]\npath = \"/x\"\n[[source.container]]\nname = \"a1\"\n",
    ),
    (
        "a registry without anything, and words that are none",
        "[[source]]\nkind = \"containers\"\non-stopped = \"restart\"\nrecreate = \"yes\"\n\
         remove-orphans = \"soon\"\ndefault-image = \" \"\n[source.registry]\n",
    ),
    (
        "containers that cannot be",
        "[[source]]\nkind = \"containers\"\nname-prefix = \"hooks-\"\n[[source.container]]\n\
         image = \"x\"\n[[source.container]]\nname = \"/hooks\"\n[[source.container]]\n\
         name = \"other\"\nvolumes = [\"data\", \"./a:/b\"]\nrestart = \"sometimes\"\n\
         env = { \"A=B\" = \"1\" }\nuser = \"\"\n[[source.container]]\nname = \"hooks-a\"\n\
         [[source.container]]\nname = \"hooks-a\"\n",
    ),
    ("a slip in a table of a later version", "[[sinks]]\nkind = \"discord\"\n"),
    ("a sink without a kind, and an unknown one", "[[sink]]\n[[sink]]\nkind = \"discrod\"\n"),
    (
        "secrets in the file",
        "[[sink]]\nkind = \"discord\"\nchannel-id = \"1\"\ntoken = \"PLANTED-1\"\n[[sink]]\nkind = \
         \"pagerduty\"\nrouting_key = \"PLANTED-2\"\n[[sink]]\nkind = \"smtp\"\npassword = \
         \"PLANTED-3\"\n[[sink]]\nkind = \"webhook\"\nheaders = { a = \"PLANTED-4\" }\nheaders-file = \
         \"PLANTED-5\"\n[[sink]]\nkind = \"apprise\"\nurls = [\"PLANTED-6\"]\n",
    ),
    (
        "secrets in the place of addresses, keys and names of variables",
        "[[sink]]\nkind = \"slack\"\nurl = \"https://hooks.slack.com/PLANTED-1\"\n[[sink]]\nkind = \
         \"webhook\"\nurl = \"https://u:PLANTED-2@x.test\"\nkey = \"PLANTED-3\"\n[[sink]]\nkind = \
         \"telegram\"\nchat-id = \"1\"\ntoken-env = \"123:PLANTED-4\"\n[[sink]]\nkind = \
         \"ntfy\"\ntopic = \"x\"\nurl = \"PLANTED-5\"\n[alerts]\nproxy = \
         \"http://u:PLANTED-6@proxy\"\n",
    ),
    (
        "secrets in no place, and in two",
        "[[sink]]\nkind = \"discord\"\n[[sink]]\nkind = \"slack\"\nurl-file = \"/a\"\nurl-env = \
         \"A\"\n[[sink]]\nkind = \"webhook\"\nurl = \"http://x\"\nurl-file = \"/x\"\nheaders-file = { A \
         = \"/a\" }\nheaders-env = { A = \"A\" }\n[[sink]]\nkind = \"smtp\"\nhost = \"x\"\nuser = \
         \"u\"\nfrom = \"a@x\"\nto = []\n[[sink]]\nkind = \"apprise\"\n",
    ),
    (
        "keys of other kinds",
        "[[sink]]\nkind = \"slack\"\nurl-file = \"/x\"\nchannel-id = \"1\"\n[[sink]]\nkind = \
         \"github\"\nrepo = \"a/b\"\ntoken-file = \"/x\"\napi-base = \"https://x\"\ntopic = \
         \"x\"\n[[sink]]\nkind = \"discord\"\nurl-file = \"/x\"\nchannel-id = \"1\"\n[[sink]]\nkind = \
         \"telegram\"\nurl = \"https://x\"\ntoken-file = \"/x\"\nchat-id = \"1\"\n",
    ),
    (
        "names of sinks, and what they want to hear",
        "[[sink]]\nkind = \"ntfy\"\ntopic = \"x\"\n[[sink]]\nkind = \"ntfy\"\ntopic = \"x\"\nmin-severity \
         = \"notice\"\nmatch = [\"\"]\n[[sink]]\nkind = \"ntfy\"\nname = \"a b\"\ntopic = \" \"\nmatch = \
         []\nkinds = [\"agent-stock\", \"nothing\"]\nexcept-kinds = []\n[[sink]]\nkind = \
         \"ntfy\"\ntopic = \"x\"\nname = \"c\"\nmatch = \"nanoclaw/*\"\n",
    ),
    (
        "numbers of sinks",
        "[[sink]]\nkind = \"gitea\"\nmax-issues = 0\ncomment-every = \"0s\"\n[[sink]]\nkind = \
         \"smtp\"\nport = 70000\ntls = \"ssl\"\n",
    ),
    (
        "maintenance at no time, at two, and at none that comes",
        "[[maintenance]]\n[[maintenance]]\nfrom = \"2026-12-24T18:00:00Z\"\nfor = \
         \"2h\"\n[[maintenance]]\nfrom = \"2026-12-24 18:00\"\nuntil = \
         2026-12-24T18:00:00Z\n[[maintenance]]\ncron = \"0 3 * *\"\n[[maintenance]]\ncron = \"0 0 30 2 \
         *\"\nfor = \"0s\"\ntimezone = \"Madrid\"\n[[maintenance]]\nfrom = \
         \"2026-12-24T18:00:00Z\"\nuntil = \"2026-12-24T18:00:00Z\"\nmatch = []\n",
    ),
    ("a maintenance without its end", "[[maintenance]]\nfrom = \"2026-12-24T18:00:00Z\"\n"),
    ("no time of day", "[digest]\nat = \"8:00\"\ntimezone = \"CET+1\"\n[alerts]\nhost = \"\"\n"),
    ("a digest without a time", "[digest]\n"),
    ("what a terminal would act on", "\"\\u001b[2J\" = 1\nmode = \"\\u001b[31m\"\n"),
];

#[test]
fn each_mistake_is_told_with_its_place_and_what_to_write() {
    let mut told = String::new();
    for (what, text) in BAD {
        let error = load_text(text, &plain()).expect_err(what);
        assert!(!error.to_string().contains("PLANTED"), "{what}: {error}");
        let numbered = text.lines().enumerate();
        let numbered: Vec<_> =
            numbered.map(|(nth, line)| format!("{:>3} {line}", nth + 1)).collect();
        writeln!(told, "## {what}\n{}\n--\n{error}\n", numbered.join("\n")).unwrap();
    }
    insta::assert_snapshot!(told);
}

/// A file with a bit of everything.
const EXAMPLE: &str = include_str!("../../../../../docs/guide/sweepd.example.toml");

/// Whether nothing is told that only the library found: all shapes are examined before it reads.
fn is_in_our_words(text: &str) -> bool {
    let told = load_text(text, &plain()).map_or_else(|error| error.to_string(), |_| String::new());
    !["unknown field", "invalid type", "missing field"].iter().any(|words| told.contains(words))
}

proptest! {
    #[test]
    fn no_text_is_too_much(text in "([a-z.\\[\\]{}='\"#\n 0-9-]|\\PC){0,200}") {
        prop_assert!(is_in_our_words(&text));
    }

    #[test]
    fn no_damage_to_a_good_file_is_too_much(
        at in 0..EXAMPLE.len(),
        cut in 0..12_usize,
        put in "[\\[\\]{}='\"\n.0a-]{0,4}",
    ) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, put.bytes());
        prop_assert!(is_in_our_words(&String::from_utf8_lossy(&bytes)));
    }
}

#[test]
fn a_file_of_nothing_but_mistakes_or_brackets_is_told_of_too() {
    let many: Vec<_> = (0..1000).map(|nth| format!("k{nth} = 1")).collect();
    let told = load_text(&many.join("\n"), &plain()).unwrap_err().to_string();
    assert_eq!(told.lines().count(), 1000);
    for deep in ["a = ".to_owned() + &"[".repeat(100_000), "a.".repeat(100_000) + "a = 1"] {
        let told = load_text(&deep, &plain()).unwrap_err().to_string();
        assert!(told.contains("recurs"), "{}", told.get(..200).unwrap_or_default());
    }
}

#[test]
fn numbers_are_read_in_all_the_ways_of_toml() {
    for (written, read) in [("1_00", 100), ("+5", 5), ("0x10", 16), ("0o17", 15), ("0b1_1", 3)] {
        let loaded = load_text(&format!("sweep.concurrency = {written}"), &plain()).unwrap();
        assert_eq!(loaded.config.sweep.concurrency, read, "{written}");
    }
}
