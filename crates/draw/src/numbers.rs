//! Numbers as people write them.

use falter_model::Unit;

/// A share in [0, 1] as a percentage that never rounds a remainder away: `52 %`, `99.7 %`, `0.4 %`,
/// `under 0.1 %`.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 99.0 && percent < 100.0 {
        // Rounded down: "100 %" is said of everything only.
        format!("{:.1} %", (percent * 10.0).floor() / 10.0)
    } else if percent > 0.0 && percent < 0.1 {
        "under 0.1 %".to_owned()
    } else if percent > 0.0 && percent < 1.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// The same in at most six columns: `<0.1 %`.
pub(crate) fn narrow_percent(share: f64) -> String {
    percent(share).replace("under ", "<")
}

/// A value of a signal with its unit, short enough for an axis.
pub(crate) fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => percent(value),
        Unit::Microseconds if value.abs() >= 1e6 => format!("{} s", short(value / 1e6)),
        Unit::Microseconds => format!("{} ms", short(value / 1e3)),
        Unit::Hosts
        | Unit::Blocks
        | Unit::Prefixes
        | Unit::RibEntries
        | Unit::Events
        | Unit::Ases
        | Unit::Other => short(value),
    }
}

/// `1,024`, `0.35`, `12.4 M`.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 1e15 {
        return format!("{value:.1e}");
    }
    for (scale, letter) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e5, "k")] {
        if size >= scale {
            let divisor = if letter == "k" { 1e3 } else { scale };
            return format!("{} {letter}", decimals(value / divisor, 1));
        }
    }
    if size >= 1000.0 {
        return grouped(value);
    }
    decimals(
        value,
        if size >= 100.0 {
            0
        } else if size >= 1.0 {
            1
        } else {
            3
        },
    )
}

/// A count with its thousands apart: `1,024`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn grouped(value: f64) -> String {
    let sign = if value < 0.0 { "\u{2212}" } else { "" };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 1,000 to 100,000"
    )]
    let n = value.abs().round() as u64;
    format!("{sign}{}", count(n))
}

/// At most so many decimals, without zeros at the end.
fn decimals(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.as_str()
    };
    match text.strip_prefix('-') {
        Some("0") => "0".to_owned(),
        Some(size) => format!("\u{2212}{size}"),
        None => text.to_owned(),
    }
}

/// `+1.2`, `−0.4`: a weight with its sign.
pub(crate) fn signed(value: f64) -> String {
    let sign = if value < 0.0 { '\u{2212}' } else { '+' };
    format!("{sign}{:.1}", value.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remainder_is_not_rounded_away() {
        for (share, words) in [
            (1.0, "100 %"),
            (0.9996, "99.9 %"),
            (0.991, "99.1 %"),
            (0.52, "52 %"),
            (0.004, "0.4 %"),
            (0.0001, "under 0.1 %"),
            (0.0, "0 %"),
        ] {
            assert_eq!(percent(share), words);
        }
    }

    #[test]
    fn numbers_are_short() {
        for (number, words) in [
            (0.0, "0"),
            (-0.0001, "0"),
            (4.0, "4"),
            (0.35, "0.35"),
            (41.52, "41.5"),
            (1024.0, "1,024"),
            (-1024.0, "\u{2212}1,024"),
            (162_617.0, "162.6 k"),
            (12_400_000.0, "12.4 M"),
            (1e300, "1.0e300"),
        ] {
            assert_eq!(short(number), words);
        }
        assert_eq!(value(310.0, Unit::Microseconds), "0.31 ms");
        assert_eq!(value(2_500_000.0, Unit::Microseconds), "2.5 s");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(signed(-0.44), "\u{2212}0.4");
    }
}
