//! The sequence of an overload by which it is known: round trips grow, packets are lost, hold timers
//! expire, routes go, and come, and go, and everything is back when the flood has ended.

use crate::seen::{Layer, Sample, Seen};

/// What of the sequence did not come, or not in its turn. `log` is the gateway's; `began` is the time of
/// day at which watching began, as the log writes it.
pub(crate) fn missing(seen: &Seen, log: &str, began: &str) -> Vec<String> {
    let began_s = time_of_day_s(began).unwrap();
    let first = |layer: Layer, is: &dyn Fn(&Sample) -> bool| {
        let own = seen
            .samples
            .iter()
            .filter(|s| s.layer == layer && s.seat != "observer2" && s.seat != "world2");
        let mut after = own.filter(|sample| sample.at >= seen.begins);
        after.find(|sample| is(sample)).map(|sample| sample.at.as_secs_f64())
    };
    let slow = first(Layer::Hosts, &|sample| sample.quality.rtt_ms > 200.0);
    let lost = first(Layer::Hosts, &|sample| {
        sample.quality.bad_percent > 40.0 || sample.up * 20 <= sample.all
    });
    let expired = log
        .lines()
        .filter(|line| line.contains("Hold timer expired"))
        .filter_map(time_of_day_s)
        .map(|at_s| at_s - began_s)
        .find(|at_s| *at_s > seen.begins.as_secs_f64());
    let withdrawn = first(Layer::Routes, &|sample| sample.up == 0);
    let mut missing = Vec::new();
    let turns =
        [("slow", slow), ("lost", lost), ("hold timer expired", expired), ("withdrawn", withdrawn)];
    for pair in turns.windows(2) {
        if !matches!((pair[0].1, pair[1].1), (Some(one), Some(other)) if one <= other) {
            missing.push(format!("{:?} and then {:?}", pair[0], pair[1]));
        }
    }
    let ends = seen.begins + seen.story.lasts();
    let routes: Vec<&Sample> =
        seen.samples.iter().filter(|sample| sample.seat == "collector").collect();
    let falls = routes
        .windows(2)
        .filter(|pair| pair[1].at < ends && pair[0].up > 0 && pair[1].up == 0)
        .count();
    if falls < 2 {
        missing.push(format!("flapping: all routes went {falls} times"));
    }
    let at_last = |layer: Layer| {
        seen.samples.iter().rfind(|sample| sample.layer == layer).map(|s| (s.up, s.all))
    };
    for (layer, least) in [(Layer::Routes, 1.0), (Layer::Hosts, 0.85)] {
        if !at_last(layer).is_some_and(|(up, all)| up as f64 >= least * all as f64) {
            missing.push(format!("recovery: {layer:?} {:?}", at_last(layer)));
        }
    }
    missing.into_iter().map(|what| format!("overload, link-flood: no {what}")).collect()
}

/// Seconds since midnight of `2026-11-25 03:23:36.735 ...`.
fn time_of_day_s(line: &str) -> Option<f64> {
    let time = line.split_whitespace().nth(1)?;
    let mut parts = time.split(':').map(|part| part.parse::<f64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    Some(hours * 3600.0 + minutes * 60.0 + seconds)
}
