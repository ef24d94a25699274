use super::*;
use crate::sample;

const PLAYED: Provenance<'_> =
    Provenance { nature: Nature::Reenacted { time_scale: Some(60.0) }, grounds: &[] };

#[test]
fn a_newcomer_sees_when_how_much_why() {
    insta::assert_snapshot!(outage_text(
        &sample::outage(),
        "North Korea",
        &Provenance { nature: Nature::Measured, grounds: &sample::grounds() },
        80,
        TextStyle::Plain
    ));
}

#[test]
fn what_goes_on_has_no_end() {
    let mut outage = sample::outage();
    outage.until = None;
    outage.verdict = None;
    outage.parts.clear();
    for step in &mut outage.order {
        step.until = None;
    }
    insta::assert_snapshot!(outage_text(&outage, "North Korea", &PLAYED, 60, TextStyle::Plain));
}

#[test]
fn lines_fit_and_colors_add_nothing_but_color() {
    let outage = sample::outage();
    for width in [0, 60, 72, 100, 500] {
        let plain = outage_text(&outage, "North Korea", &PLAYED, width, TextStyle::Plain);
        let most = width.clamp(60, 100);
        for line in plain.lines() {
            assert!(line.width() <= most, "{width}: {line}");
        }
        let mut bare = outage_text(&outage, "North Korea", &PLAYED, width, TextStyle::Color);
        assert!(bare.contains("\u{1b}[1m"));
        for code in [0, 1, 2, 31, 32, 33, 36, 90] {
            bare = bare.replace(&format!("\u{1b}[{code}m"), "");
        }
        let trimmed: Vec<&str> = bare.lines().map(str::trim_end).collect();
        assert_eq!(trimmed, plain.lines().collect::<Vec<_>>());
    }
}

#[test]
fn a_hostile_name_gives_the_terminal_no_orders() {
    let mut outage = sample::outage();
    outage.seen_by.insert("\u{1b}]0;owned\u{7}".to_owned(), State::Partial);
    outage.id.0 = "a\u{1b}[2J".to_owned();
    let hostile = "x\u{1b}[31m\u{202e}";
    let grounds = [Ground { what: hostile.to_owned(), digest: hostile.to_owned() }];
    let provenance = Provenance { grounds: &grounds, ..PLAYED };
    let text = outage_text(&outage, hostile, &provenance, 80, TextStyle::Plain);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
}
