//! What a verdict could not have seen: the smallest loss, the shortest outage, blind time.

use falter_model::{Blind, Case, Span, Timestamp};

/// Blind times matter up to two days on either side, as they do for the case.
const AROUND: Span = Span::from_days(2);

/// Shorter than this many bins an outage can fall between two of them: it must fill one whole bin.
const BINS: i64 = 2;

/// For instance `losses under 4 %, outages under 10 min; blind 3 % of the time`.
pub(crate) fn could_not_see(case: &Case) -> String {
    let mut limits = Vec::new();
    limits.extend(smallest_loss(case).map(|share| format!("losses under {}", percent(share))));
    limits.push(format!("outages under {}", words(case.step.width().times(BINS))));
    let blind = blind_share(case);
    let blind = if blind > 0.0 {
        format!("blind {} of the time", percent(blind))
    } else {
        "never blind".to_owned()
    };
    format!("{}; {blind}", limits.join(", "))
}

/// One of the units that were counted, or half the interval of the loss where that is wider.
fn smallest_loss(case: &Case) -> Option<f64> {
    let lost = case.outage.lost_share?;
    let unit = lost.n.filter(|n| *n > 0).map(|n| 1.0 / n as f64);
    let interval = (lost.high.get() - lost.low.get()) / 2.0;
    Some(unit.unwrap_or(0.0).max(interval)).filter(|share| *share > 0.0)
}

/// Share of the days around the outage in which we could not tell; overlapping times count once.
fn blind_share(case: &Case) -> f64 {
    let outage = &case.outage;
    let onset = outage.from.last_good.unwrap_or(outage.from.first_bad);
    let end = outage.until.map_or(outage.from.first_bad, |end| end.first_good);
    covered(&case.blind, onset - AROUND, end + AROUND)
}

/// Share of `[from, until)` that lies in any of the times.
fn covered(blind: &[Blind], from: Timestamp, until: Timestamp) -> f64 {
    let mut spans: Vec<(Timestamp, Timestamp)> =
        blind.iter().filter_map(|blind| clipped(blind, from, until)).collect();
    spans.sort_unstable();
    let mut seen = from;
    let mut sum = Span::ZERO;
    for (start, end) in spans {
        let start = start.max(seen);
        if end > start {
            sum = sum + (end - start);
            seen = end;
        }
    }
    sum.as_seconds() / (until - from).as_seconds().max(1.0)
}

fn clipped(blind: &Blind, from: Timestamp, until: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let (start, end) = (blind.from.max(from), blind.until.min(until));
    (end > start).then_some((start, end))
}

fn percent(share: f64) -> String {
    let share = share * 100.0;
    if share < 1.0 { format!("{share:.1} %") } else { format!("{share:.0} %") }
}

fn words(span: Span) -> String {
    let seconds = span.as_seconds();
    if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else if seconds < 7200.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.0} h", seconds / 3600.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hours: &[(i64, i64)], expected: f64) {
        let hour = |hour: i64| Timestamp::EPOCH + Span::from_hours(hour);
        let blind: Vec<Blind> = hours
            .iter()
            .map(|(from, until)| Blind {
                entity: "network/kp".parse().unwrap(),
                vantage: "rrc00".into(),
                from: hour(*from),
                until: hour(*until),
                why: "feed silent".into(),
            })
            .collect();
        let share = covered(&blind, hour(0), hour(100));
        assert!((share - expected).abs() < 1e-9, "{hours:?}: {share}");
    }

    #[test]
    fn blind_times_that_overlap_count_once() {
        check(&[], 0.0);
        check(&[(10, 20), (15, 30), (12, 14)], 0.2);
        check(&[(15, 30), (10, 20)], 0.2);
        check(&[(-50, 5), (95, 300)], 0.1);
        check(&[(200, 300)], 0.0);
    }
}
