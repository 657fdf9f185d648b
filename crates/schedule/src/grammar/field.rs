//! Which numbers does one field of an expression name?
//!
//! The letters `L` and `#`, which only name days together with a month, are not read here.

use crate::calendar::Set;
use crate::error::shortened;

/// What a field may say.
pub(super) struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names of the values from `first_word` on, in any case.
    words: &'static [&'static str],
    first_word: u32,
    seven_is_zero: bool,
}

pub(super) const SECOND: Field = Field::numbers("second", 0, 59);
pub(super) const MINUTE: Field = Field::numbers("minute", 0, 59);
pub(super) const HOUR: Field = Field::numbers("hour", 0, 23);
pub(super) const DAY_OF_MONTH: Field = Field::numbers("day-of-month", 1, 31);
pub(super) const MONTH: Field = Field {
    words: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    first_word: 1,
    ..Field::numbers("month", 1, 12)
};
pub(super) const DAY_OF_WEEK: Field = Field {
    words: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    seven_is_zero: true,
    ..Field::numbers("day-of-week", 0, 7)
};

impl Field {
    const fn numbers(name: &'static str, least: u32, most: u32) -> Self {
        Self { name, least, most, words: &[], first_word: 0, seven_is_zero: false }
    }

    /// The numbers that a list of items names together; empty for no items.
    ///
    /// As in cron-parser, a number named twice is an error, for it is nearly always a slip; but the
    /// smallest such number counts alone, and if that is 0 it is none (`0,7` are both Sunday).
    pub(super) fn values(&self, items: &[&str]) -> Result<Set, String> {
        let mut values = Set::default();
        let mut twice = Set::default();
        for item in items {
            let named = self.item(item)?;
            twice = twice.union(values.intersection(named));
            values = values.union(named);
        }
        match twice.from(0) {
            None | Some(0) => Ok(self.folded(values)),
            Some(value) => {
                Err(self.complaint(&items.join(","), &format!("{value} is named twice")))
            }
        }
    }

    /// The one number that `text`, the whole or a part of `item`, names.
    pub(super) fn single(&self, item: &str, text: &str) -> Result<Set, String> {
        self.value(item, text).map(|value| self.folded(Set::default().with(value)))
    }

    /// A reason: where it is wrong, and what is wrong with it.
    pub(super) fn complaint(&self, item: &str, what: &str) -> String {
        format!("{} {:?}: {what}", self.name, shortened(item))
    }

    /// One item of a list: `*`, `5`, `1-5`, and each with a step.
    fn item(&self, item: &str) -> Result<Set, String> {
        if item.is_empty() {
            return Err(format!("{}: empty item in a list", self.name));
        }
        let (base, step) = match item.split_once('/') {
            Some((base, step)) => (base, Some(self.step(item, step)?)),
            None => (item, None),
        };
        let (first, last) = if matches!(base, "*" | "?") {
            (self.least, self.most)
        } else if let Some((first, last)) = base.split_once('-') {
            (self.value(item, first)?, self.value(item, last)?)
        } else if step.is_some() {
            (self.value(item, base)?, self.most)
        } else {
            return self.single(item, item);
        };
        if first > last {
            let what = "a range cannot run backwards; write it as two, as in 22-23,0-2";
            return Err(self.complaint(item, what));
        }
        let values = (first..=last).step_by(step.unwrap_or(1)).fold(Set::default(), Set::with);
        // Whatever the step, as in cron-parser: `2/2` is Tuesday, Thursday, Saturday and Sunday.
        Ok(if self.seven_is_zero && last == 7 { values.with(0) } else { values })
    }

    /// Sunday is 7 as well as 0; only 0 is kept.
    fn folded(&self, values: Set) -> Set {
        if self.seven_is_zero && values.contains(7) { values.without(7).with(0) } else { values }
    }

    fn step(&self, item: &str, step: &str) -> Result<usize, String> {
        let Some(step) = digits(step) else {
            return Err(self.complaint(item, "a step is a number, as in */5"));
        };
        match usize::try_from(step) {
            Ok(0) => Err(self.complaint(item, "a step of 0 goes nowhere")),
            Ok(step) => Ok(step),
            Err(_) => Ok(usize::MAX),
        }
    }

    /// The number that `text`, a part of `item`, stands for.
    fn value(&self, item: &str, text: &str) -> Result<u32, String> {
        let (least, most) = (self.least, self.most);
        if let Some(value) = digits(text) {
            if (least..=most).contains(&value) {
                return Ok(value);
            }
            return Err(self.complaint(item, &format!("not in {least}-{most}")));
        }
        self.words
            .iter()
            .zip(self.first_word..)
            .find_map(|(word, value)| word.eq_ignore_ascii_case(text).then_some(value))
            .ok_or_else(|| self.complaint(item, &self.not_understood(item)))
    }

    fn not_understood(&self, item: &str) -> String {
        let (least, most) = (self.least, self.most);
        let named = match self.words {
            [first, ..] => format!(" or a name such as {first}"),
            [] => String::new(),
        };
        let letter = match item {
            _ if item.contains('H') && self.words.is_empty() => "; H (any value) is not supported",
            _ if item.contains('W') && self.words.is_empty() => {
                "; W (nearest weekday) is not supported"
            }
            _ => "",
        };
        format!("needs a number in {least}-{most}{named}{letter}")
    }
}

/// The value of a text of digits alone; huge ones stay huge.
fn digits(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u32::MAX))
}
