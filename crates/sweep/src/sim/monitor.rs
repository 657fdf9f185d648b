//! A monitor that remembers what it was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ports::{Doing, Monitor, PortError, Question};

/// Remembers questions.
#[derive(Debug, Clone, Default)]
pub struct SimMonitor(Arc<Mutex<Asked>>);

#[derive(Debug, Default)]
struct Asked {
    set_up: usize,
    questions: Vec<Question>,
    down: bool,
}

impl SimMonitor {
    /// From now on it can be neither set up nor asked, or again.
    pub fn set_down(&self, down: bool) {
        self.asked().down = down;
    }

    /// How often it was set up.
    pub fn set_ups(&self) -> usize {
        self.asked().set_up
    }

    /// What it was asked, in order.
    pub fn questions(&self) -> Vec<Question> {
        self.asked().questions.clone()
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, doing: &str, done: impl FnOnce(&mut Asked)) -> Result<(), PortError> {
        let mut asked = self.asked();
        if asked.down {
            let source = Some("it is down".into());
            return Err(PortError::Refused { doing: doing.to_owned(), source });
        }
        done(&mut asked);
        Ok(())
    }
}

impl Monitor for SimMonitor {
    fn set_up(&self) -> Doing<'_, Result<Vec<String>, PortError>> {
        Box::pin(async move {
            self.answer("set up the monitor", |asked| asked.set_up += 1)?;
            Ok(vec!["a monitor".to_owned()])
        })
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Doing<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.answer("ask the monitor", |asked| {
                if !asked.questions.iter().any(|known| known.id == question.id) {
                    asked.questions.push(question.clone());
                }
            })
        })
    }
}
