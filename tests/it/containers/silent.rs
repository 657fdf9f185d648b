//! A real container that answers 401 inside, acknowledges its message and idles: a person hears of it at
//! once, by what NanoClaw's own `.env` says.

use agent_sim::fixture::{Message, Root, Session};
use rusqlite::Connection;
use sweepd_decide::Span;
use sweepd_services::Discord;
use sweepd_services::discord::{CHANNEL, TOKEN};

use super::rig::Rig;
use super::site::Site;
use super::wait::{ago, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "assist"
    [docker]
    host = "ENGINE"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.health-monitor]
    api-base = "API"
    [silent-failure]
    rule = "per-message"
"#;

const REFUSED: &str =
    "--behave=ack-without-answer --result='Failed to authenticate. API Error: 401'";

/// Lets ten minutes pass for a session: its rows, its heartbeat and its files are that much older.
fn age(session: &Session) {
    let run = |db: Connection, sql: &str| db.execute_batch(sql).unwrap();
    run(
        session.inbound().unwrap(),
        "UPDATE messages_in SET timestamp = datetime(timestamp, '-10 minutes')",
    );
    run(
        session.outbound().unwrap(),
        "UPDATE processing_ack SET status_changed = datetime(status_changed, '-10 minutes')",
    );
    session.heartbeat(ago(Span::from_mins(10))).unwrap();
}

/// What the installation's monitor was asked.
fn asked(root: &Root) -> Vec<String> {
    let sessions = root.data().join("v2-sessions/health-monitor");
    let Ok(sessions) = std::fs::read_dir(sessions) else { return Vec::new() };
    let all = sessions.map(|entry| Session::at(entry.unwrap().path()));
    let all: Vec<_> = all.flat_map(|session| session.messages().unwrap()).collect();
    assert!(all.iter().all(|message| message.kind == "task" && message.trigger == 1), "{all:?}");
    assert!(all.iter().all(|message| message.seq.is_some_and(|seq| seq % 2 == 0)), "{all:?}");
    all.into_iter().map(|message| message.content).collect()
}

#[tokio::test]
async fn a_container_whose_token_is_refused_is_told_with_its_group_session_and_message() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "silent");
    let discord = Discord::start().await;
    let root = site.root("nanoclaw");
    let env = format!(
        "HEALTH_MONITOR_DISCORD_GUILD_ID=42\nHEALTH_MONITOR_KEEPALIVE_CHANNEL_ID={CHANNEL}\n\
         DISCORD_BOT_TOKEN={TOKEN}\n"
    );
    std::fs::write(root.path().join(".env"), env).unwrap();
    site.configure(&CONFIG.replace("API", &format!("{}/api/v10", discord.url())));
    let dead = root.session("ag-dead", "s-dead", now()).unwrap();
    let well = root.session("ag-well", "s-well", now()).unwrap();
    for session in [&dead, &well] {
        session.message(&Message::chat("m-1", now())).unwrap();
    }
    let containers = [rig.nanoclaw(&dead, REFUSED), rig.nanoclaw(&well, "")];
    for session in [&dead, &well] {
        let acked =
            || session.acks().is_ok_and(|acks| acks.iter().any(|ack| ack.status == "completed"));
        until("it acknowledges", acked).await;
    }
    until("the other answers", || well.outputs().is_ok_and(|sent| sent.len() == 1)).await;
    // The agents would beat.
    rig.docker(&["pause", &containers[0]]);
    age(&dead);

    let call = site.sweep(&[]).await;
    assert_eq!(call.code, Some(1), "{} {:?}", call.stderr, call.lines());
    let told = discord.messages(CHANNEL);
    let about = |text: &str| told.iter().filter(|one| format!("{one:?}").contains(text)).count();
    assert_eq!(about("nanoclaw/ag-dead/s-dead"), 1, "{told:#?}");
    for part in ["m-1", "authentication", "API Error: 401"] {
        assert!(about(part) > 0, "{part}: {told:#?}");
    }
    assert_eq!(about("ag-well"), 0, "{told:#?}");
    let asked = asked(&root);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("Agent: nanoclaw/ag-dead/s-dead") && asked[0].contains("- m-1 "));
    let again = site.sweep(&[]).await;
    assert_eq!((again.code, discord.messages(CHANNEL).len()), (Some(1), told.len()), "told once");
    assert_eq!(self::asked(&root).len(), 1, "asked once");
    let monitored = root.central().unwrap();
    let rows = "SELECT count(*) FROM agent_groups WHERE id = 'health-monitor'";
    assert_eq!(monitored.query_row(rows, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    let messages = dead.messages().unwrap().len() + well.messages().unwrap().len();
    assert_eq!(messages, 2, "nothing else is written");
    assert!(containers.iter().all(|id| rig.standing(id).is_some()), "nobody was touched");
    rig.docker(&["unpause", &containers[0]]);
}
