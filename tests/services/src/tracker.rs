//! What the issue trackers have in common: one repository with issues, labels and people.

use crate::fake::{Fake, Service};
use crate::pings::mentions;

mod board;

pub use board::Board;
pub(crate) use board::{Grant, Refusal};

/// Who owns the one repository of each tracker.
pub const OWNER: &str = "ops";
/// What it is called.
pub const REPOSITORY: &str = "alerts";
/// A token of [`BOT`] that may do everything.
pub const TOKEN: &str = "PLANTED-token-of-the-bot";
/// Whose token [`TOKEN`] is. It may be assigned.
pub const BOT: &str = "sweepd-bot";

/// An issue, or a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Issue {
    /// As the address has it.
    pub number: u64,
    /// Across the whole server: never the number.
    pub id: u64,
    /// As it is now.
    pub title: String,
    /// As it is now.
    pub body: String,
    /// Names, in the order in which they came.
    pub labels: Vec<String>,
    /// Logins.
    pub assignees: Vec<String>,
    /// Not closed.
    pub open: bool,
    /// Why it was closed, where the tracker asks that.
    pub reason: Option<String>,
    /// A pull request.
    pub pull: bool,
    /// Nobody but members may comment.
    pub locked: bool,
    /// Who opened it.
    pub author: String,
    /// Who closed it last.
    pub closed_by: Option<String>,
    /// When it was opened, in milliseconds.
    pub created: i64,
    /// When anything of it changed last.
    pub updated: i64,
    /// When it was closed; `None` while it is open.
    pub closed: Option<i64>,
    /// Oldest first.
    pub comments: Vec<Comment>,
}

/// A comment, or a note.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comment {
    /// Across the whole server.
    pub id: u64,
    /// As it is now.
    pub body: String,
    /// Who wrote it.
    pub author: String,
    /// When, in milliseconds.
    pub created: i64,
    /// When it was edited last.
    pub updated: i64,
}

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// Across the whole server.
    pub id: u64,
    /// As it was written.
    pub name: String,
    /// Six digits, without a sign before them.
    pub color: String,
    /// May be empty.
    pub description: String,
}

impl Issue {
    pub(crate) fn set_open(&mut self, open: bool, by: &str, now: i64) {
        if self.open != open {
            self.open = open;
            self.closed = (!open).then_some(now);
            self.closed_by = (!open).then(|| by.to_owned());
        }
        self.updated = now;
    }
}

/// Whether this names the one repository; no tracker minds the case.
pub(crate) fn is_ours(owner: &str, name: &str) -> bool {
    owner.eq_ignore_ascii_case(OWNER) && name.eq_ignore_ascii_case(REPOSITORY)
}

/// A service with a [`Board`].
pub trait Tracker: Service {
    /// Whether a `@name` in a title calls somebody.
    const TITLES_CALL: bool = true;

    /// Its repository.
    fn board(&mut self) -> &mut Board;
}

impl<S: Tracker> Fake<S> {
    /// All issues and pull requests, oldest first.
    pub fn issues(&self) -> Vec<Issue> {
        self.with(|service| service.board().issues.clone())
    }

    /// The issue with this number.
    pub fn issue(&self, number: u64) -> Option<Issue> {
        self.issues().into_iter().find(|issue| issue.number == number)
    }

    /// The comments of an issue, oldest first; none where there is no issue.
    pub fn comments(&self, number: u64) -> Vec<Comment> {
        self.issue(number).map(|issue| issue.comments).unwrap_or_default()
    }

    /// All labels, oldest first.
    pub fn labels(&self) -> Vec<Label> {
        self.with(|service| service.board().labels.clone())
    }

    /// Whom titles, bodies and comments called with `@name`.
    pub fn pings(&self) -> Vec<String> {
        let texts = self.issues().into_iter().flat_map(|issue| {
            let title = S::TITLES_CALL.then_some(issue.title);
            let comments = issue.comments.into_iter().map(|comment| comment.body);
            title.into_iter().chain([issue.body]).chain(comments)
        });
        texts.flat_map(|text| mentions(&text)).collect()
    }

    /// Somebody opens an issue; its number.
    pub fn add_issue(&self, title: &str, body: &str, labels: &[&str]) -> u64 {
        self.add(title, body, labels, false)
    }

    /// Somebody opens a pull request; its number.
    pub fn add_pull(&self, title: &str, body: &str, labels: &[&str]) -> u64 {
        self.add(title, body, labels, true)
    }

    /// Somebody makes a label; its id.
    pub fn add_label(&self, name: &str) -> u64 {
        self.with(|service| service.board().label(name, "ededed", "").id)
    }

    /// There is a user with this login. They may not be assigned.
    pub fn add_user(&self, login: &str) {
        self.with(|service| service.board().add_user(login));
    }

    /// There is a user who may write here and be assigned.
    pub fn add_member(&self, login: &str) {
        self.with(|service| service.board().add_member(login));
    }

    /// There is a token of this user with these scopes; which there are, each tracker says. Such a
    /// user is a member only by [`Fake::add_member`].
    pub fn add_token(&self, token: &str, login: &str, scopes: &[&str]) {
        self.with(|service| service.board().grant(token, login, scopes));
    }

    /// A token is no longer good.
    pub fn revoke(&self, token: &str) {
        self.with(|service| service.board().tokens.remove(token));
    }

    /// Whether everybody may look; not so until this is said.
    pub fn set_public(&self, public: bool) {
        self.with(|service| service.board().public = public);
    }

    /// A person called `alice` closes or reopens an issue.
    pub fn set_open(&self, number: u64, open: bool) {
        let now = self.now();
        self.with(|service| {
            if let Some(issue) = service.board().issue(&number.to_string()) {
                issue.set_open(open, "alice", now);
            }
        });
    }

    /// A person changes whatever they like.
    pub fn edit(&self, number: u64, change: impl FnOnce(&mut Issue)) {
        self.with(|service| service.board().issue(&number.to_string()).map(change));
    }

    fn add(&self, title: &str, body: &str, labels: &[&str], pull: bool) -> u64 {
        let now = self.now();
        let labels: Vec<_> = labels.iter().map(|&label| label.to_owned()).collect();
        let (title, body, author) = (title.to_owned(), body.to_owned(), "alice".to_owned());
        self.with(|service| {
            let board = service.board();
            board.add_user("alice");
            for label in &labels {
                if board.label_named(label).is_none() {
                    board.label(label, "ededed", "");
                }
            }
            let issue = Issue { title, body, labels, pull, author, ..Issue::default() };
            board.open(issue, now).number
        })
    }
}
