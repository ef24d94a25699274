//! What is kept of a run: the truth and one thinned recording of all that falter would have read, routes
//! included; the profile once for all runs that share it.
//!
//! Routes of the country are kept whole. Of every three questions of a witness to the same target one is
//! kept, whatever came of it; what a peer did elsewhere is summed by the minute; a tick a minute. Times of
//! questions are told to a tenth of a second of the run, and what was asked in one tenth stands sorted,
//! so that rounds repeat each other and compress; round trips have one digit and a half. So shares, losses
//! and the order of failure stay what they were, three times as coarse.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use falter_model::{
    Fact, Interned, Observation, Outcome, PeerActivity, PeerId, Profile, Timestamp,
};
use falter_sources::archive::{InputArg, Inputs, Interest};
use falter_sources::recording::{RecordingHeader, RecordingWriter};
use sha2::{Digest, Sha256};

/// One question of so many is kept.
const EVERY: u32 = 3;
/// Times of questions are told to so many a second of the run: a witness asks the same target about once
/// in a second.
const A_SECOND: i64 = 10;
/// Between two ticks, and between two signs of what a peer does elsewhere, seconds.
const TICK_S: i64 = 60;
/// As small as zstd makes it.
const LEVEL: i32 = 19;

/// Derives the case of a run's folder: the truth and a recording, whose header names the profile by its
/// SHA-256. Profiles differ in hold times alone, so each is kept once, in `profiles`, as `DIGEST.toml` with
/// the first sixteen digits.
pub fn derive(run: &Path, case: &Path, profiles: &Path) -> Result<()> {
    fs::create_dir_all(case)?;
    fs::copy(run.join("truth.toml"), case.join("truth.toml")).context("copying the truth")?;
    let text = fs::read_to_string(run.join("network.toml")).context("reading the profile")?;
    let profile: Profile = toml::from_str(&text)?;
    let digest = keep_profile(&text, profiles).context("keeping the profile")?;
    let arguments =
        ["collector", "observations.jsonl.zst"].map(|name| InputArg::Path(run.join(name)));
    let mut inputs = Inputs::open(&arguments)?;
    inputs.watch(Interest {
        prefixes: Some(profile.prefixes.clone()),
        asns: profile.asns.clone(),
        paths: true,
    });
    let header = inputs.recording_headers().first().cloned();
    let mut header = header.context("the run has no recording")?;
    header.digests.insert("profile".to_owned(), digest);
    let (mut interned, mut observations) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut observations) {}
    if inputs.reports().iter().any(|report| !report.bad.is_empty()) {
        bail!("the run's own files can't all be read");
    }
    let from = header.from.unwrap_or(Timestamp::MIN);
    let mut kept = thinned(observations, grain(&header));
    for observation in &mut kept {
        // Nothing is before the beginning, nor before the table.
        observation.at = observation.at.max(from);
    }
    let octets = write(&header, &kept, &interned)?;
    fs::write(case.join("observations.jsonl.zst"), octets).context("writing the recording")
}

/// Where a profile of this digest is kept.
pub fn profile_path(profiles: &Path, digest: &str) -> PathBuf {
    profiles.join(format!("{}.toml", digest.get(..16).unwrap_or(digest)))
}

/// Keeps a profile if it is not there yet; its digest.
fn keep_profile(text: &str, profiles: &Path) -> Result<String> {
    let digest = Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, octet| {
        // Writing to a string can't fail.
        _ = write!(hex, "{octet:02x}");
        hex
    });
    let path = profile_path(profiles, &digest);
    if !path.exists() {
        fs::create_dir_all(profiles)?;
        // Two workers may keep the same at once: each puts a whole file into its place.
        let mut file = tempfile::NamedTempFile::new_in(profiles)?;
        file.write_all(text.as_bytes())?;
        // Made for its owner alone, but meant for all who read the cases.
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        file.persist(path)?;
    }
    Ok(digest)
}

fn write(
    header: &RecordingHeader,
    observations: &[Observation],
    interned: &Interned,
) -> Result<Vec<u8>> {
    let mut writer = RecordingWriter::new(Vec::new(), header)?;
    for observation in observations {
        writer.write(observation, interned)?;
    }
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.write_all(&writer.finish()?)?;
    encoder.finish().context("compressing the recording")
}

/// The time on the calendar that stands for a tenth of a second of the run, microseconds.
fn grain(header: &RecordingHeader) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "whole, at most some hundreds")]
    let slower = (header.time_scale as i64).max(1);
    slower * 1_000_000 / A_SECOND
}

/// What is kept of observations, with times of questions in whole grains, microseconds each.
fn thinned(observations: Vec<Observation>, grain: i64) -> Vec<Observation> {
    let mut asked: BTreeMap<String, u32> = BTreeMap::new();
    let mut elsewhere: BTreeMap<(Timestamp, PeerId), PeerActivity> = BTreeMap::new();
    let mut kept: Vec<(Timestamp, Option<String>, Observation)> = Vec::new();
    for observation in observations {
        if let Fact::Activity(activity) = &observation.fact {
            let minute = whole(observation.at, TICK_S * 1_000_000);
            let sum = elsewhere.entry((minute, activity.peer));
            let sum = sum.or_insert(PeerActivity { announced: 0, withdrawn: 0, ..*activity });
            sum.announced = sum.announced.saturating_add(activity.announced);
            sum.withdrawn = sum.withdrawn.saturating_add(activity.withdrawn);
            continue;
        }
        let Some(question) = question(&observation.fact) else {
            let is_kept =
                observation.fact != Fact::Tick || observation.at.seconds().rem_euclid(TICK_S) == 0;
            kept.extend(is_kept.then_some((observation.at, None, observation)));
            continue;
        };
        let asked = asked.entry(question.clone()).or_default();
        *asked += 1;
        if *asked % EVERY == 1 {
            let observation = coarse(observation, grain);
            kept.push((observation.at, Some(question), observation));
        }
    }
    kept.extend(
        elsewhere.into_iter().map(|((at, _), activity)| {
            (at, None, Observation { at, fact: Fact::Activity(activity) })
        }),
    );
    kept.sort_by(|(at, asked, _), (other_at, other, _)| (at, asked).cmp(&(other_at, other)));
    kept.into_iter().map(|(_, _, observation)| observation).collect()
}

/// A moment cut off to whole steps of so many microseconds.
fn whole(at: Timestamp, step: i64) -> Timestamp {
    Timestamp::from_micros(at.micros() - at.micros().rem_euclid(step))
}

/// What repeats itself: who asked whom what; `None` for all else.
fn question(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Probe(probe) => {
            Some(format!("{} {} {:?}", probe.vantage, probe.target, probe.method))
        }
        Fact::Control(control) => Some(format!("{} {} control", control.vantage, control.target)),
        Fact::Name(name) => Some(format!("{} {} {:?}", name.vantage, name.server, name.transport)),
        Fact::Page(page) => Some(format!("{} {}", page.vantage, page.site)),
        _ => None,
    }
}

/// The same question in whole grains of time, with rounded round trips.
fn coarse(mut observation: Observation, grain: i64) -> Observation {
    observation.at = whole(observation.at, grain);
    match &mut observation.fact {
        Fact::Probe(probe) => coarse_outcome(&mut probe.outcome),
        Fact::Control(control) => coarse_outcome(&mut control.outcome),
        Fact::Name(name) => {
            if let Ok(answer) = &mut name.answer {
                answer.rtt_us = rounded(answer.rtt_us);
            }
        }
        Fact::Page(page) => {
            for (_, took) in &mut page.times_us {
                *took = u32::try_from(*took).map_or(*took, |took| rounded(took).into());
            }
        }
        _ => {}
    }
    observation
}

fn coarse_outcome(outcome: &mut Outcome) {
    if let Outcome::Reply { rtt_us, .. } | Outcome::Reset { rtt_us } = outcome {
        *rtt_us = rounded(*rtt_us);
    }
}

/// A number cut off to its first digit and a half: 1234 to 1000, 1789 to 1500.
fn rounded(number: u32) -> u32 {
    let Some(digits) = number.checked_ilog10() else { return 0 };
    let half = 10_u32.pow(digits) / 2;
    number - number.checked_rem(half).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use falter_model::{Method, Probe, Span};

    use super::*;

    fn probe(second: i64, last: u8, rtt_us: Option<u32>) -> Observation {
        let outcome = match rtt_us {
            Some(rtt_us) => Outcome::Reply { rtt_us, ttl: None },
            None => Outcome::Timeout { after: Span::from_seconds(2) },
        };
        let target = IpAddr::from([175, 45, 176, last]);
        let probe = Probe { vantage: "v".into(), target, method: Method::Icmp, outcome };
        Observation { at: Timestamp::from_seconds(second), fact: Fact::Probe(Box::new(probe)) }
    }

    #[test]
    fn every_third_question_is_kept_whatever_came_of_it() {
        let all: Vec<Observation> = (0..90)
            .flat_map(|n| [probe(n, 1, (n % 2 == 0).then_some(61_234)), probe(n, 2, None)])
            .collect();
        let kept = thinned(all, 250_000);
        let of = |last: u8, answered: bool| {
            let is_meant = |o: &&Observation| {
                matches!(&o.fact, Fact::Probe(p) if p.target == IpAddr::from([175, 45, 176, last])
                    && p.outcome.answered() == answered)
            };
            kept.iter().filter(is_meant).count()
        };
        assert_eq!((of(1, true), of(1, false), of(2, true), of(2, false)), (15, 15, 0, 30));
    }

    #[test]
    fn a_tick_a_minute_is_kept() {
        let ticks = (0..300).map(|n| Observation::tick(Timestamp::from_seconds(n))).collect();
        assert_eq!(thinned(ticks, 250_000).len(), 5);
    }

    #[test]
    fn a_digit_and_a_half_is_left() {
        for (number, left) in [
            (0, 0),
            (7, 7),
            (19, 15),
            (23, 20),
            (97, 95),
            (1234, 1000),
            (1789, 1500),
            (61_234, 60_000),
            (u32::MAX, 4_000_000_000),
        ] {
            assert_eq!(rounded(number), left, "{number}");
        }
    }

    #[test]
    fn a_round_reads_like_the_one_before() {
        let round = |second: i64, first: u8, second_target: u8| {
            [probe(second, first, Some(30_100)), probe(second, second_target, Some(30_400))]
        };
        let all = [round(0, 1, 2), round(1, 2, 1), round(2, 1, 2), round(3, 2, 1)].concat();
        let facts = |kept: &[Observation]| kept.iter().map(|o| o.fact.clone()).collect::<Vec<_>>();
        let kept = thinned(all, 1_000_000);
        assert_eq!(facts(&kept[..2]), facts(&kept[2..]));
    }
}
