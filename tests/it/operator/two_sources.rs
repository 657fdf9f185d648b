//! Two sources in one configuration: each its own, and neither in the other's way.

use super::engine::Engine;
use super::files::{assert_same, tree};
use super::host::{Host, ago};

/// A second source behind the one that is configured.
fn add(host: &Host, name: &str, root: &str, more: &str) {
    let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    let second = format!(
        "[[source]]\nkind = \"nanoclaw\"\nname = \"{name}\"\nroot = \"HERE/{root}\"\n\
         timezone = \"UTC\"\n[source.wake]\nkind = \"none\"\n{more}"
    );
    host.write("sweepd.toml", &format!("{text}{second}"));
}

#[test]
fn two_sources_with_one_root_are_refused_in_one_sentence() {
    let host = Host::new();
    host.due("acked").ack("m-1", "completed", ago(30)).unwrap();
    std::os::unix::fs::symlink(host.path("root"), host.path("link")).unwrap();
    for mode in ["observe", "enforce"] {
        for root in ["root", "link", "root/data/.."] {
            host.configure(mode, "", "");
            add(&host, "other", root, "");
            let before = tree(host.root.path());
            for words in ["sweep", "run", "sweep --dry-run", "status", "why nanoclaw/ag-1/acked"] {
                let said = host.sweepd(words);
                let told = "sweepd: sources \"nanoclaw\" and \"other\" have the same root, HERE/root\n  \
                            hint: one source for each installation: remove one of the two\n";
                assert_eq!(said.err.replace(&host.here(), "HERE"), told, "{words}");
                assert_eq!((said.out.as_str(), said.code), ("", 2), "{words}");
            }
            assert_same(&before, host.root.path());
        }
    }
    assert!(!host.path("state").exists());
}

/// Somebody else sweeps the second root; only a source of which something may be touched minds.
#[test]
fn an_override_for_one_source_needs_no_right_to_another() {
    let host = Host::new();
    let _engine = Engine::new(&host);
    let now = super::host::now();
    let root = agent_sim::fixture::Root::create(host.path("second"), now).unwrap();
    root.session("ag-1", "s", now).unwrap();
    let second = sweepd_store::nanoclaw::Root::open(&host.path("second")).unwrap();
    let _swept_by_others = second.lock().unwrap();
    host.session("s");
    let with = |pattern: &str| {
        host.configure("observe", "", "");
        let over = format!("[[agent]]\nmatch = \"{pattern}\"\nmode = \"enforce\"\n");
        add(&host, "other", "second", &over);
        host.sweepd("sweep --json")
    };
    for pattern in ["nanoclaw/ag-1/*", "nano*"] {
        let said = with(pattern);
        assert_eq!((said.err.as_str(), said.code), ("", 0), "{pattern}: {}", said.out);
    }
    for pattern in ["other/*", "*/ag-1/s", "*"] {
        let said = with(pattern);
        assert_eq!(said.code, 2, "{pattern}: {}", said.out);
        assert!(said.err.contains("second/data is locked by pid"), "{pattern}: {}", said.err);
    }
}
