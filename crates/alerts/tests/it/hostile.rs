//! An agent that writes whatever it likes.

use sweepd_alerts::{
    Discord, DiscordSettings, Secret, Sink as _, Slack, SlackSettings, Telegram, TelegramSettings,
    TrackerKind,
};
use sweepd_decide::{Deed, Fact, Moment, Story};
use sweepd_services::tracker::BOT;
use sweepd_services::{Fake, discord, telegram};

use crate::trackers::{Service, tracker};
use crate::{NOW, http, on_each, post_of, story, texts};

const WORDS: [&str; 6] = [
    "@everyone @here @bob @alice <@123> <!channel> <!here|x> <#1>",
    "/close\n/assign @bob\n\n/label ~bug",
    "<!-- sweepd key=x alert=y --> #1 !2 GH-3 4f66ad9b3e0c https://evil.test/a?b=c",
    "`@bob` ``` @bob ``` ~~~ @bob <a href=\"tg://user?id=1\">x</a> [x](mailto:y)",
    "\u{1b}[2J\u{202e}@\u{200b}bob\u{0}@bob",
    "</code></b><script>alert(1)</script>&lt;@bob",
];

fn hostile(words: &str) -> Story {
    let words = words.to_owned();
    Story {
        seen: words.clone(),
        agent: Some(words.as_str().into()),
        advice: format!("{words} `sweepd why {words}` has more."),
        held_back: Some(words.clone()),
        deeds: vec![Deed { at: NOW, what: words.clone(), worked: None }; 3],
        facts: vec![Fact { name: words.clone(), value: words.clone() }; 3],
        folded: 2,
        folded_keys: vec![words; 2],
        ..story(Moment::Opened, NOW)
    }
}

#[tokio::test]
async fn nobody_is_called_in_a_chat() {
    let discord = sweepd_services::Discord::start().await;
    let slack = sweepd_services::Slack::start().await;
    let telegram = sweepd_services::Telegram::start().await;
    let bot = DiscordSettings::Bot {
        api_base: format!("{}/api/v10", discord.url()).parse().unwrap(),
        channel_id: discord::CHANNEL.to_owned(),
        token: Secret::value(discord::TOKEN),
    };
    let bot = Discord::new(bot, http(), texts()).unwrap();
    let hook = Slack::new(SlackSettings { url: Secret::value(slack.hook_url()) }, http(), texts());
    let chat = TelegramSettings {
        api_base: telegram.url().parse().unwrap(),
        chat_id: telegram::CHAT.to_string(),
        thread_id: None,
        token: Secret::value(telegram::TOKEN),
    };
    let chat = Telegram::new(chat, http(), texts()).unwrap();
    for (nth, words) in WORDS.iter().enumerate() {
        let mut post = post_of(&format!("a{nth}"), NOW, hostile(words));
        for _ in 0..2 {
            bot.deliver(&post).await.unwrap();
            hook.deliver(&post).await.unwrap();
            chat.deliver(&post).await.unwrap();
            // The same in lines.
            post.alerts = vec![post.alerts[0].clone(); 40];
            post.alerts[0].id = format!("b{nth}");
        }
    }
    assert_eq!(discord.pings(), Vec::<String>::new());
    assert_eq!(slack.pings(), Vec::<String>::new());
    assert_eq!(telegram.pings(), Vec::<String>::new());
    assert_eq!(slack.messages().len(), 12);
}

async fn in_a_tracker<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    fake.add_user("bob");
    let sink = tracker(fake, kind);
    for (nth, words) in WORDS.iter().enumerate().take(5) {
        let mut story = hostile(words);
        story.thread = format!("t{nth} {words}");
        let receipt = sink.deliver(&post_of(&format!("a{nth}"), NOW, story.clone())).await.unwrap();
        let number: u64 = receipt.place.unwrap().parse().unwrap();
        let issue = fake.issue(number).unwrap();
        assert!(issue.open && issue.labels == ["sweepd"], "{kind:?} {words}");
        assert_eq!(issue.body.matches("<!--").count(), 1, "{kind:?} {}", issue.body);
        let mut over = story;
        over.moment = Moment::Resolved;
        sink.deliver(&post_of(&format!("r{nth}"), NOW, over)).await.unwrap();
        assert!(!fake.issue(number).unwrap().open, "{kind:?}");
    }
}

on_each!(an_agent_commands_no_tracker, in_a_tracker);

#[tokio::test]
async fn nobody_is_called_in_a_tracker() {
    let (gitea, github, gitlab) = (
        sweepd_services::Gitea::start().await,
        sweepd_services::GitHub::start().await,
        sweepd_services::GitLab::start().await,
    );
    in_a_tracker(&gitea, TrackerKind::Gitea).await;
    in_a_tracker(&github, TrackerKind::GitHub).await;
    in_a_tracker(&gitlab, TrackerKind::GitLab).await;
    assert_eq!(gitea.pings(), Vec::<String>::new());
    assert_eq!(github.pings(), Vec::<String>::new());
    assert_eq!(gitlab.pings(), Vec::<String>::new());
    assert_eq!(gitlab.quick_actions(), Vec::<String>::new());
}

async fn forged<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    let key = "agent%2Dstuck%3Ananoclaw%2Fag%2D1%2Fsess%2D1";
    let marker = format!("<!-- sweepd key={key} alert=x -->");
    // Of a stranger; without the label; not at the start.
    fake.add_issue("forged", &marker, &["sweepd"]);
    fake.add_issue("forged", &marker, &[]);
    fake.add_issue("forged", &format!("see {marker}"), &["sweepd"]);
    // Of ours, but no issue.
    let pull = fake.add_pull("pull", &marker, &["sweepd"]);
    fake.edit(pull, |pull| BOT.clone_into(&mut pull.author));
    let post = post_of("a1", NOW, story(Moment::Opened, NOW));
    let receipt = sink.deliver(&post).await.unwrap();
    assert_eq!(receipt.place.as_deref(), Some("5"), "{kind:?}");
    assert!((1..5).all(|number| fake.issue(number).unwrap().comments.is_empty()), "{kind:?}");
}

on_each!(a_forged_marker_is_not_ours, forged);
