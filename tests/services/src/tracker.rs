//! What the issue trackers have in common: one repository with issues, labels and people.

use std::collections::BTreeMap;

use crate::fake::{Fake, Service};

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

/// What a token may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) login: String,
    pub(crate) scopes: Vec<String>,
}

impl Grant {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }
}

/// The repository.
#[derive(Debug, Default)]
pub struct Board {
    pub(crate) issues: Vec<Issue>,
    pub(crate) labels: Vec<Label>,
    /// Everybody on the server, by login: their ids.
    pub(crate) users: BTreeMap<String, u64>,
    /// Who may write here, and be assigned.
    pub(crate) members: Vec<String>,
    pub(crate) tokens: BTreeMap<String, Grant>,
    /// Everybody may look.
    pub(crate) public: bool,
    ids: u64,
}

impl Board {
    pub(crate) fn new(scopes: &[&str]) -> Self {
        let mut board = Self { ids: 1000, ..Self::default() };
        board.add_member(BOT);
        board.grant(TOKEN, BOT, scopes);
        board
    }

    pub(crate) fn grant(&mut self, token: &str, login: &str, scopes: &[&str]) {
        self.add_user(login);
        let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        self.tokens.insert(token.to_owned(), Grant { login: login.to_owned(), scopes });
    }

    pub(crate) fn add_user(&mut self, login: &str) {
        let id = self.id();
        self.users.entry(login.to_owned()).or_insert(id);
    }

    pub(crate) fn add_member(&mut self, login: &str) {
        self.add_user(login);
        self.members.push(login.to_owned());
    }

    pub(crate) fn is_member(&self, login: &str) -> bool {
        self.members.iter().any(|member| member.eq_ignore_ascii_case(login))
    }

    pub(crate) fn user_id(&self, login: &str) -> u64 {
        self.users.get(login).copied().unwrap_or_default()
    }

    pub(crate) fn id(&mut self) -> u64 {
        self.ids += 7;
        self.ids
    }

    /// Opens an issue with everything but its number, its id and its times.
    pub(crate) fn open(&mut self, issue: Issue, now: i64) -> Issue {
        let id = self.id();
        let number = self.issues.iter().map(|issue| issue.number).max().unwrap_or_default() + 1;
        let timed = Issue { created: now, updated: now, ..issue };
        let issue = Issue { number, id, open: true, ..timed };
        self.issues.push(issue.clone());
        issue
    }

    pub(crate) fn issue(&mut self, number: &str) -> Option<&mut Issue> {
        let number: u64 = number.parse().ok()?;
        self.issues.iter_mut().find(|issue| issue.number == number)
    }

    pub(crate) fn comment(&mut self, number: u64, author: &str, body: &str, now: i64) -> Comment {
        let (id, author, body) = (self.id(), author.to_owned(), body.to_owned());
        let comment = Comment { id, body, author, created: now, updated: now };
        if let Some(issue) = self.issues.iter_mut().find(|issue| issue.number == number) {
            issue.updated = now;
            issue.comments.push(comment.clone());
        }
        comment
    }

    pub(crate) fn comment_by_id(&mut self, id: &str) -> Option<&mut Comment> {
        let id: u64 = id.parse().ok()?;
        let mut all = self.issues.iter_mut().flat_map(|issue| issue.comments.iter_mut());
        all.find(|comment| comment.id == id)
    }

    pub(crate) fn label(&mut self, name: &str, color: &str, description: &str) -> Label {
        let (name, id) = (name.to_owned(), self.id());
        let (color, description) = (color.to_owned(), description.to_owned());
        let label = Label { id, name, color, description };
        self.labels.push(label.clone());
        label
    }

    pub(crate) fn label_named(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.name == name)
    }

    /// Newest first, of those that fit.
    pub(crate) fn newest(&self, fits: impl Fn(&Issue) -> bool) -> Vec<Issue> {
        self.issues.iter().rev().filter(|issue| fits(issue)).cloned().collect()
    }
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

/// A service with a [`Board`].
pub trait Tracker: Service {
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
