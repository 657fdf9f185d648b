//! Expressions made up together with what they mean.
//!
//! A field is drawn as a set of numbers and one of the ways to write it, so the meaning is known
//! without reading the text.

use std::collections::BTreeSet;

use jiff::civil::{DateTime, date};
use proptest::prelude::*;

/// An expression and its meaning.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    pub(crate) text: String,
    seconds: BTreeSet<i8>,
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    days: Field,
    months: BTreeSet<i8>,
    weekdays: Field,
}

/// A field: its text, the numbers it names, and those of which only the last in a month counts.
#[derive(Debug, Clone, Default)]
struct Field {
    text: String,
    values: BTreeSet<i8>,
    last: BTreeSet<i8>,
    nth: Option<i8>,
}

impl Field {
    /// Only a bare star leaves the day open; `*/1` restricts, if to all days.
    fn is_open(&self) -> bool {
        self.text == "*" || self.text == "?"
    }
}

impl Expression {
    pub(crate) fn is_for_every_hour(&self) -> bool {
        self.hours.len() == 24
    }

    /// Whether both day fields restrict and one of them has a `#`.
    pub(crate) fn has_nth_beside_days(&self) -> bool {
        self.weekdays.nth.is_some() && !self.days.is_open()
    }

    /// Whether there is one month only, and it is too short for the days of the month.
    pub(crate) fn names_no_day_of_its_month(&self) -> bool {
        let (1, Some(&month)) = (self.months.len(), self.months.first()) else {
            return false;
        };
        let length = date(2024, month, 1).days_in_month();
        self.days.last.is_empty() && self.days.values.iter().all(|day| *day > length)
    }

    pub(crate) fn seconds(&self) -> &BTreeSet<i8> {
        &self.seconds
    }

    /// Whether the wall time names this minute.
    pub(crate) fn matches(&self, wall: DateTime) -> bool {
        self.minutes.contains(&wall.minute())
            && self.hours.contains(&wall.hour())
            && self.months.contains(&wall.month())
            && self.matches_day(wall)
    }

    fn matches_day(&self, wall: DateTime) -> bool {
        let ends_within = |days: i64| {
            (wall + jiff::SignedDuration::from_hours(24 * days)).month() != wall.month()
        };
        let weekday = wall.date().weekday().to_sunday_zero_offset();
        let by_day = self.days.values.contains(&wall.day())
            || (!self.days.last.is_empty() && ends_within(1));
        let by_weekday = self.weekdays.values.contains(&weekday)
            || (self.weekdays.last.contains(&weekday) && ends_within(7));
        let in_nth_seven =
            self.weekdays.nth.is_none_or(|nth| (7 * nth - 6..=7 * nth).contains(&wall.day()));
        in_nth_seven
            && match (self.days.is_open(), self.weekdays.is_open()) {
                (true, true) => true,
                (false, true) => by_day,
                (true, false) => by_weekday,
                (false, false) => by_day || by_weekday,
            }
    }

    fn new(second: Option<&Field>, fields: [&Field; 5]) -> Self {
        let [minute, hour, day, month, weekday] = fields;
        let texts = second.into_iter().chain(fields).map(|field| field.text.as_str());
        let text = texts.collect::<Vec<_>>().join(" ");
        Self {
            text,
            seconds: second.map_or_else(|| BTreeSet::from([0]), |field| field.values.clone()),
            minutes: minute.values.clone(),
            hours: hour.values.clone(),
            days: day.clone(),
            months: month.values.clone(),
            weekdays: weekday.clone(),
        }
    }
}

/// The schedules people write, and those that meet clock changes.
pub(crate) fn fixed() -> Vec<Expression> {
    let star = |least, most| run("*".into(), least, most, 1);
    let [day, month, weekday] = [star(1, 31), star(1, 12), star(0, 6)];
    let sundays = Field { text: "SUN".into(), ..list(&[0]) };
    let mut all = Vec::new();
    for hour in [
        star(0, 23),
        list(&[0]),
        list(&[2]),
        list(&[3]),
        list(&[23]),
        list(&[0, 12]),
        run("1-3".into(), 1, 3, 1),
        run("*/2".into(), 0, 23, 2),
        run("0-22".into(), 0, 22, 1),
    ] {
        for minute in [list(&[0]), list(&[30]), list(&[59]), run("*/20".into(), 0, 59, 20)] {
            let daily = [&minute, &hour, &day, &month, &weekday];
            all.push(Expression::new(None, daily));
        }
        let weekly = [&list(&[15, 45]), &hour, &day, &month, &sundays];
        all.push(Expression::new(Some(&list(&[0, 17])), weekly));
    }
    all
}

/// Any expression.
pub(crate) fn random() -> impl Strategy<Value = Expression> {
    let second = prop::option::weighted(0.2, prop_oneof![field(0, 59), Just(list(&[7, 50]))]);
    // Changes of clock are in the small hours: most hours drawn are.
    let hour = prop_oneof![
        3 => Just(run("*".into(), 0, 23, 1)),
        3 => (0..5_i8).prop_map(|hour| list(&[hour])),
        1 => (0..4_i8, 4..9_i8).prop_map(|(a, b)| run(format!("{a}-{b}"), a, b, 1)),
        4 => field(0, 23),
    ];
    let month = prop_oneof![3 => Just(run("*".into(), 1, 12, 1)), 1 => field(1, 12)];
    (second, field(0, 59), hour, day(), month, weekday()).prop_map(
        |(second, minute, hour, day, month, weekday)| {
            Expression::new(second.as_ref(), [&minute, &hour, &day, &month, &weekday])
        },
    )
}

fn day() -> impl Strategy<Value = Field> {
    let last = |field: Field| Field {
        text: format!("{},L", field.text),
        last: BTreeSet::from([31]),
        ..field
    };
    let only_last = Field { text: "L".into(), last: BTreeSet::from([31]), ..Field::default() };
    prop_oneof![
        4 => Just(run("*".into(), 1, 31, 1)),
        1 => Just(run("?".into(), 1, 31, 1)),
        4 => field(1, 31),
        1 => (1..=31_i8).prop_map(move |day| last(list(&[day]))),
        1 => Just(only_last),
    ]
}

fn weekday() -> impl Strategy<Value = Field> {
    let names = ["SUN", "Mon", "tue", "WED", "THU", "fri", "SAT"];
    let name_of = move |day: i8| names[usize::try_from(day).unwrap()];
    prop_oneof![
        5 => Just(run("*".into(), 0, 6, 1)),
        2 => field(0, 6),
        1 => (0..7_i8).prop_map(move |day| Field { text: name_of(day).into(), ..list(&[day]) }),
        1 => (0..3_i8, 3..7_i8).prop_map(move |(a, b)| run(format!("{}-{b}", name_of(a)), a, b, 1)),
        1 => Just(Field { text: "5-7".into(), ..list(&[0, 5, 6]) }),
        1 => (0..7_i8, 1..6_i8).prop_map(move |(day, nth)| Field {
            text: format!("{}#{nth}", name_of(day)),
            nth: Some(nth),
            ..list(&[day])
        }),
        1 => (0..7_i8).prop_map(|day| Field {
            text: format!("{}L", if day == 0 { 7 } else { day }),
            last: BTreeSet::from([day]),
            ..Field::default()
        }),
    ]
}

/// A field of plain numbers, in each of the ways to write one.
fn field(least: i8, most: i8) -> BoxedStrategy<Field> {
    let two = (least..=most, least..=most).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![
        2 => Just(run("*".into(), least, most, 1)),
        3 => (least..=most).prop_map(|value| list(&[value])),
        1 => (least..=most).prop_map(|value| run(format!("{value:03}"), value, value, 1)),
        2 => two.clone().prop_map(|(a, b)| run(format!("{a}-{b}"), a, b, 1)),
        2 => (1..=most).prop_map(move |step| run(format!("*/{step}"), least, most, step)),
        2 => (two, 1..9_i8).prop_map(|((a, b), step)| run(format!("{a}-{b}/{step}"), a, b, step)),
        2 => prop::collection::btree_set(least..=most, 2..4).prop_map(|values| {
            list(&values.into_iter().rev().collect::<Vec<_>>())
        }),
    ]
    .boxed()
}

/// Numbers one by one, in the order given.
fn list(values: &[i8]) -> Field {
    let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
    Field { text: texts.join(","), values: values.iter().copied().collect(), ..Field::default() }
}

/// Every `step`-th number from `first` to `last`, written as `text`.
fn run(text: String, first: i8, last: i8, step: i8) -> Field {
    let step = usize::try_from(step).unwrap();
    Field { text, values: (first..=last).step_by(step).collect(), ..Field::default() }
}
