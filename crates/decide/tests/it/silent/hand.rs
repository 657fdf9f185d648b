//! Sessions made by hand, in seconds after [`BASE`].

use sweepd_decide::silent::{Asked, Because, Output, Role, SilencePolicy, Talk};
use sweepd_decide::{MessageId, Timestamp};

use crate::dice::ms;

use super::dice::{BASE, Case, asked};

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 3600;

pub(super) const fn at(second: i64) -> Timestamp {
    ms(BASE + 1000 * second)
}

pub(super) fn chat(id: &str, begin: i64, acked: i64) -> Asked {
    Asked { acked_at: Some(at(acked)), ..asked(id, "chat", at(begin)) }
}

pub(super) fn task(id: &str, begin: i64, acked: i64) -> Asked {
    Asked { acked_at: Some(at(acked)), ..asked(id, "task", at(begin)) }
}

pub(super) fn of_role(role: Role, message: Asked) -> Asked {
    Asked { role, ..message }
}

/// One that was written, and is tried again at `due`.
pub(super) fn again(id: &str, written: i64, due: i64, acked: i64) -> Asked {
    Asked { tries: 1, due_at: Some(at(due)), ..chat(id, written, acked) }
}

pub(super) fn said(second: i64) -> Output {
    Output { at: at(second), reply_to: None }
}

pub(super) fn reply(second: i64, to: &str) -> Output {
    Output { at: at(second), reply_to: Some(MessageId::new(to)) }
}

/// A session whose container is not up any more: all its turns are over.
pub(super) fn gone<const A: usize, const O: usize>(asked: [Asked; A], said: [Output; O]) -> Case {
    let talk = Talk { asked: asked.into(), outputs: said.into(), ..Talk::default() };
    Case { policy: SilencePolicy::default(), talk, now: at(HOUR) }
}

/// One whose container is up, and that does nothing.
pub(super) fn up<const A: usize, const O: usize>(asked: [Asked; A], said: [Output; O]) -> Case {
    let mut case = gone(asked, said);
    case.talk.is_up = true;
    case
}

impl Case {
    /// Who is silent at an instant.
    pub(super) fn silent_at(&self, now: Timestamp) -> Vec<String> {
        let silent = self.ask(now).action.into_iter();
        silent.map(|it| it.message_id.as_str().to_owned()).collect()
    }

    /// Who is silent within the hour.
    pub(super) fn silent(&self) -> Vec<String> {
        self.silent_at(self.now)
    }

    /// Why each is as bad as it is, within the hour.
    pub(super) fn why(&self) -> Vec<Because> {
        self.ask(self.now).action.into_iter().map(|it| it.because).collect()
    }

    pub(super) fn turns(&self) -> usize {
        self.ask(self.now).evidence.turns
    }

    pub(super) fn over_at(&self, now: Timestamp) -> usize {
        self.ask(now).evidence.over
    }
}

pub(super) const NOBODY: [&str; 0] = [];
