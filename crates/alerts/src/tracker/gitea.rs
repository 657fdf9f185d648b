//! How Gitea and Forgejo are asked.
//!
//! A page holds at most what the server allows, whatever is asked. Labels are set by their numbers;
//! a label that is not there is passed over, in a filter too. Who may not write here has labels and
//! assignees dropped without a word.
//!
//! Source: Gitea API (Swagger document): `issueListIssues`, `issueCreateIssue`, `issueEditIssue`,
//! `issueGetComments`, `issueCreateComment`, `issueListLabels`, `issueCreateLabel`,
//! `repoGetAssignees`, `userGetCurrent`; Gitea, "API Usage" (authentication, pagination).

use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::Value;
use sweepd_decide::{Setback, Timestamp};

use super::dialect::{Dialect, Query, Repo};
use super::json::text;
use crate::SinkError;
use crate::attempt::authorized;
use crate::http::{Answer, setback};

/// Gitea's dialect.
#[derive(Debug)]
pub(super) struct Gitea(pub(super) Repo);

impl Dialect for Gitea {
    fn repo(&self) -> &Repo {
        &self.0
    }

    fn at_repo(&self, method: Method) -> Query {
        Query::new(method, ["api", "v1", "repos"]).and(self.0.path.split('/'))
    }

    fn paged(&self, list: Query, page: u32) -> Query {
        list.with("limit", 50).with("page", page)
    }

    fn authorize(
        &self,
        request: RequestBuilder,
        token: &SecretString,
    ) -> Result<RequestBuilder, SinkError> {
        authorized("ask the tracker", request, "token", token)
    }

    /// Pull requests are among them unless issues are asked.
    fn all_issues(&self) -> Query {
        let query = self.at_repo(Method::GET).and(["issues"]);
        query.with("state", "all").with("type", "issues").with("labels", &self.0.label)
    }

    fn assignable(&self, _name: &str) -> Query {
        self.at_repo(Method::GET).and(["assignees"])
    }

    fn user(&self) -> Query {
        Query::new(Method::GET, ["api", "v1", "user"])
    }

    fn read_label(&self, json: &Value) -> Option<Value> {
        (text(json, "/name")? == self.0.label).then(|| json.get("id").cloned()).flatten()
    }

    fn read_assignable(&self, answer: &Answer, name: &str) -> Option<Value> {
        let json = answer.json()?;
        let mut logins = json.as_array()?.iter().filter_map(|user| text(user, "/login"));
        logins.find(|login| login.eq_ignore_ascii_case(name)).map(Value::from)
    }

    /// 423: the repository is archived.
    fn setback(&self, answer: &Answer, now: Timestamp) -> Setback {
        match answer.status {
            423 => Setback::Stopped,
            status => setback(status, &answer.headers, now),
        }
    }
}
