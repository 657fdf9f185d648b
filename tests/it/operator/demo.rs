//! `sweepd demo`, on a machine with nothing on it.

use super::host::{self, Host, now};

#[test]
fn the_demo_comes_out_right_and_leaves_nothing_behind() {
    let host = Host::new();
    let began = now();
    let said = host.sweepd("demo");
    let took = now().since(began).as_millis();
    assert_eq!((said.err.as_str(), said.code), ("", 0), "{}", said.out);
    assert!(took < 60_000, "{took} ms");
    let table: Vec<&str> = said.out.lines().skip_while(|line| !line.starts_with("AGENT")).collect();
    let verified = table.iter().filter(|line| line.ends_with(" yes")).count();
    assert_eq!(verified, 7, "{}", said.out);
    assert!(table.last().unwrap().starts_with("7 of 7 came out right, in "), "{}", said.out);
    let left: Vec<_> = std::fs::read_dir(host.path("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(host::processes(&host.here()), []);
}
