//! The grammar as a table: what is read as what, and what is refused with which words.

use jiff::civil::{DateTime, date};

use super::*;

/// The first three wall times after New Year 2026, a Thursday.
fn first_three(expr: &str) -> String {
    let schedule = parse(expr).unwrap_or_else(|error| panic!("{error}"));
    let mut from: DateTime = date(2026, 1, 1).at(0, 0, 0, 0);
    let mut shown = Vec::new();
    for _ in 0..3 {
        let found = schedule.first_from(from).expect("the calendar goes on");
        shown.push(found.strftime("%a %y-%m-%d %H:%M:%S").to_string());
        from = found + jiff::SignedDuration::from_secs(1);
    }
    shown.join(", ")
}

fn reason(expr: &str) -> String {
    match parse(expr) {
        Err(Error::BadExpression { reason, .. }) => reason,
        other => panic!("{expr:?} is read as {other:?}"),
    }
}

#[test]
fn equal_meanings_have_many_spellings() {
    for spellings in [
        &[
            "0 9 * * *",
            "0 9 ? * ?",
            " 0\t09  *\n* * ",
            "0 0 9 * * *",
            "0 9-9 * * *",
            "0 9 * 1-12 *",
        ][..],
        &["0 0 1 1 *", "@yearly", "@annually", "0 0 1 JAN ?", "0 0 01 jan *"],
        &["0 0 1 * *", "@monthly"],
        &["0 0 * * 0", "@weekly", "0 0 * * 7", "0 0 * * Sun", "0 0 * * 0,7", "0 0 * * SUN,7"],
        &["0 0 * * *", "@daily"],
        &["0 0 * * 1-5", "@weekdays", "0 0 * * MON-fri", "0 0 * * 1-FRI", "0 0 * * 1,2,3,4,5"],
        &["0 0 * * 0,6", "@weekends", "0 0 * * 6-7", "0 0 * * SAT,SUN", "0 0 * * 6/1"],
        &["0 * * * *", "@hourly", "0 */1 * * *", "0 0-23 * * *", "*/60 * * * *", "*/100 ? * * *"],
        &["* * * * *", "@minutely", "0 * * * * *", "*/1 * * * *", "? ? ? ? ?", "0,* * * * *"],
        &["* * * * * *", "@secondly"],
        &["5-59/20 * * * *", "5/20 * * * *", "5,25,45 * * * *", "45,05,25 * * * *"],
        &["0 0 * * 2,4,6,0", "0 0 * * 2/2", "0 0 * * 2-7/2", "0 0 * * TUE,THU,SAT,SUN"],
        &["0 0 * * 5L", "0 0 * * FRIL", "0 0 * * friL"],
        &["0 0 * * 1#2", "0 0 * * mon#2", "0 0 * * MON#02"],
    ] {
        let meanings: Vec<String> = spellings.iter().map(|expr| first_three(expr)).collect();
        assert!(
            meanings.windows(2).all(|pair| pair[0] == pair[1]),
            "{spellings:?} mean {meanings:#?}"
        );
    }
}

#[test]
fn day_fields_name_these_days() {
    for (expr, days) in [
        // Either field, where both restrict …
        ("0 0 13 * 5", "Fri 26-01-02 00:00:00, Fri 26-01-09 00:00:00, Tue 26-01-13 00:00:00"),
        ("0 0 */2 * 1", "Thu 26-01-01 00:00:00, Sat 26-01-03 00:00:00, Mon 26-01-05 00:00:00"),
        // … also where one of them names every day without being a bare star.
        ("0 0 13 * 0-6", "Thu 26-01-01 00:00:00, Fri 26-01-02 00:00:00, Sat 26-01-03 00:00:00"),
        ("0 0 L * *", "Sat 26-01-31 00:00:00, Sat 26-02-28 00:00:00, Tue 26-03-31 00:00:00"),
        ("0 0 15,L * *", "Thu 26-01-15 00:00:00, Sat 26-01-31 00:00:00, Sun 26-02-15 00:00:00"),
        ("0 0 * * 1L,5L", "Mon 26-01-26 00:00:00, Fri 26-01-30 00:00:00, Mon 26-02-23 00:00:00"),
        ("0 0 * * 3,5L", "Wed 26-01-07 00:00:00, Wed 26-01-14 00:00:00, Wed 26-01-21 00:00:00"),
        ("0 0 * * 4#1", "Thu 26-01-01 00:00:00, Thu 26-02-05 00:00:00, Thu 26-03-05 00:00:00"),
        ("0 0 * * 5#5", "Fri 26-01-30 00:00:00, Fri 26-05-29 00:00:00, Fri 26-07-31 00:00:00"),
        // The # holds for the day of the month too: the 1st is not in the second seven days.
        ("0 0 1,9 * 1#2", "Fri 26-01-09 00:00:00, Mon 26-01-12 00:00:00, Mon 26-02-09 00:00:00"),
        ("0 0 29 2 *", "Tue 28-02-29 00:00:00, Sun 32-02-29 00:00:00, Fri 36-02-29 00:00:00"),
        ("0 0 * 2 0#5", "Sun 32-02-29 00:00:00, Sun 60-02-29 00:00:00, Sun 88-02-29 00:00:00"),
        ("0 0 31 2,4,5 *", "Sun 26-05-31 00:00:00, Mon 27-05-31 00:00:00, Wed 28-05-31 00:00:00"),
        // No such day in either month, but Mondays there are. (For one month it is refused.)
        ("0 0 31 2,4 1", "Mon 26-02-02 00:00:00, Mon 26-02-09 00:00:00, Mon 26-02-16 00:00:00"),
    ] {
        assert_eq!(first_three(expr), days, "{expr}");
    }
}

#[test]
fn what_is_refused_says_what_is_wrong() {
    for (expr, words) in [
        ("", "no fields; cron needs 5, or 6 with seconds"),
        (" \n", "no fields; cron needs 5, or 6 with seconds"),
        ("*", "1 field; cron needs 5, or 6 with seconds"),
        ("0 9 * *", "4 fields; cron needs 5, or 6 with seconds"),
        ("0 0 9 * * * 2027", "7 fields; cron needs 5, or 6 with seconds (there is no year field)"),
        ("0 25 * * *", "hour \"25\": not in 0-23"),
        ("0 9 0 * *", "day-of-month \"0\": not in 1-31"),
        ("99999999999 * * * *", "minute \"99999999999\": not in 0-59"),
        ("0 9 * * 8L", "day-of-week \"8L\": not in 0-7"),
        ("1, * * * *", "minute: empty item in a list"),
        (",1 * * * *", "minute: empty item in a list"),
        ("0 9 1,,2 * *", "day-of-month: empty item in a list"),
        ("five * * * *", "minute \"five\": needs a number in 0-59"),
        ("-1 * * * *", "minute \"-1\": needs a number in 0-59"),
        ("1- * * * *", "minute \"1-\": needs a number in 0-59"),
        ("+5 * * * *", "minute \"+5\": needs a number in 0-59"),
        ("1.5 * * * *", "minute \"1.5\": needs a number in 0-59"),
        ("1-2-3 * * * *", "minute \"1-2-3\": needs a number in 0-59"),
        ("*-5 * * * *", "minute \"*-5\": needs a number in 0-59"),
        ("** * * * *", "minute \"**\": needs a number in 0-59"),
        ("/5 * * * *", "minute \"/5\": needs a number in 0-59"),
        ("٣ * * * *", "minute \"٣\": needs a number in 0-59"),
        ("0 9 * January *", "month \"January\": needs a number in 1-12 or a name such as JAN"),
        ("0 9 * JANFEB *", "month \"JANFEB\": needs a number in 1-12 or a name such as JAN"),
        ("0 9 * MON *", "month \"MON\": needs a number in 1-12 or a name such as JAN"),
        ("0 9 * * JAN", "day-of-week \"JAN\": needs a number in 0-7 or a name such as SUN"),
        ("0 9 * * MON|TUE", "day-of-week \"MON|TUE\": needs a number in 0-7 or a name such as SUN"),
        (
            "0 9 5W * *",
            "day-of-month \"5W\": needs a number in 1-31; W (nearest weekday) is not supported",
        ),
        ("H 9 * * *", "minute \"H\": needs a number in 0-59; H (any value) is not supported"),
        ("*/0 * * * *", "minute \"*/0\": a step of 0 goes nowhere"),
        ("*/ * * * *", "minute \"*/\": a step is a number, as in */5"),
        ("*/-5 * * * *", "minute \"*/-5\": a step is a number, as in */5"),
        ("*/5/5 * * * *", "minute \"*/5/5\": a step is a number, as in */5"),
        (
            "5-1 * * * *",
            "minute \"5-1\": a range cannot run backwards; write it as two, as in 22-23,0-2",
        ),
        (
            "0 9 * * FRI-SUN",
            "day-of-week \"FRI-SUN\": a range cannot run backwards; write it as two, as in 22-23,0-2",
        ),
        ("5,5 * * * *", "minute \"5,5\": 5 is named twice"),
        ("*/15,30 * * * *", "minute \"*/15,30\": 30 is named twice"),
        ("0 9 1,* * *", "day-of-month \"1,*\": 1 is named twice"),
        ("0 9 * * 6,SAT", "day-of-week \"6,SAT\": 6 is named twice"),
        ("0 9 L,L * *", "day-of-month \"L\": named twice"),
        ("0 9 * * 5L,FRIL", "day-of-week \"FRIL\": named twice"),
        ("0 9 31L * *", "day-of-month \"31L\": needs a number in 1-31"),
        ("0 9 l * *", "day-of-month \"l\": needs a number in 1-31"),
        ("0 L * * *", "hour \"L\": needs a number in 0-23"),
        ("0 9 * * L", "day-of-week \"L\": L needs a weekday here, as in 5L"),
        ("0 9 * * 1-5L", "day-of-week \"1-5L\": needs a number in 0-7 or a name such as SUN"),
        ("0 9 * * 1#6", "day-of-week \"1#6\": # needs one weekday before it and 1 to 5 after it"),
        ("0 9 * * 1#", "day-of-week \"1#\": # needs one weekday before it and 1 to 5 after it"),
        (
            "0 9 * * 1#1,2#2",
            "day-of-week \"1#1,2#2\": # needs one weekday before it and 1 to 5 after it",
        ),
        ("0 9 * * 1-5#2", "day-of-week \"1-5#2\": needs a number in 0-7 or a name such as SUN"),
        ("0 9 * * 5L#2", "day-of-week \"5L#2\": needs a number in 0-7 or a name such as SUN"),
        ("0 9 31 APR 1", "day-of-month \"31\": no such day in that month"),
    ] {
        assert_eq!(reason(expr), words, "{expr:?}");
    }
}

#[test]
fn aliases_are_matched_exactly() {
    for expr in ["@", "@midnight", "@Daily", "@every", "@reboot"] {
        let known = "@yearly @annually @monthly @weekly @daily @weekdays @weekends @hourly @minutely @secondly";
        assert_eq!(reason(expr), format!("unknown alias; known are, in small letters, {known}"));
    }
    assert_eq!(reason("@every 5m"), "2 fields; cron needs 5, or 6 with seconds");
}

#[test]
fn the_longest_sensible_expression_is_read_and_a_longer_one_is_not() {
    let sixty: Vec<String> = (0..60).map(|value| value.to_string()).collect();
    let sixty = sixty.join(",");
    let expr = format!("{sixty} {sixty} 0-23 1-31 JAN-DEC SUN-SAT");
    assert!(parse(&expr).is_ok());
    let padded = format!("{:<1001}", "0 9 * * *");
    assert_eq!(reason(&padded), "longer than 1000 bytes");
}
