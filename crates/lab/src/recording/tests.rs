use std::io::Write as _;

use falter_model::{
    Answer, Control, ControlKind, Method, Name, Page, PageDetails, Place, Probe, Stage, Transport,
};
use falter_sources::archive::{InputArg, Inputs};

use super::*;
use crate::country::Size;

const BEGAN: i64 = 1_700_000_000;
const START: i64 = 1_750_000_000;

fn second(second: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "some seconds")]
    let micros = (second * 1e6) as i64;
    Timestamp::from_micros(BEGAN * 1_000_000 + micros)
}

fn calendar() -> Calendar {
    Calendar::new(second(0.0), Timestamp::from_seconds(START), 10)
}

fn probe(at: f64, vantage: &str, outcome: Outcome) -> Observation {
    let target = [175, 45, 176, 81].into();
    let probe = Probe { vantage: vantage.into(), target, method: Method::Icmp, outcome };
    Observation { at: second(at), fact: Fact::Probe(Box::new(probe)) }
}

const REPLY: Outcome = Outcome::Reply { rtt_us: 60_000, ttl: None };

/// Microseconds after the recording's beginning.
fn after(observation: &Observation) -> i64 {
    observation.at.micros() - START * 1_000_000
}

#[test]
fn the_calendar_stretches_when_is_asked_and_not_how_long_it_takes() {
    let timeout = Outcome::Timeout { after: Span::from_seconds(2) };
    // The first is given up after 2 s; the second is asked 0.15 s later, which is 1.5 s there.
    let all = vec![probe(1.0, "observer1", timeout), probe(1.15, "observer1", REPLY)];
    let span = (second(0.0), second(0.05));
    let told = on_calendar(all, span, &Clocks::default(), &calendar());
    let told: Vec<i64> = told.iter().map(after).collect();
    assert_eq!(told, [11_500_000, 10_000_000]);
}

#[test]
fn there_is_a_tick_every_second_there() {
    let told = on_calendar(Vec::new(), (second(0.0), second(3.0)), &Clocks::default(), &calendar());
    assert_eq!(told.len(), 30);
    assert!(told.iter().all(|tick| tick.fact == Fact::Tick));
    assert_eq!(told.iter().map(after).max(), Some(30_000_000));
}

#[test]
fn a_clock_that_is_off_shifts_what_its_owner_tells_and_nothing_else() {
    let mut clocks = Clocks::default();
    clocks.set("observer1", second(2.0), Span::from_seconds(7));
    clocks.set("observer1", second(4.0), Span::ZERO);
    let all = [1.0, 3.0, 5.0]
        .into_iter()
        .flat_map(|at| [probe(at, "observer1", REPLY), probe(at, "observer2", REPLY)]);
    let told = on_calendar(all.collect(), (second(0.0), second(0.05)), &clocks, &calendar());
    let seconds: Vec<i64> = told.iter().map(|o| after(o) / 1_000_000).collect();
    assert_eq!(seconds, [10, 10, 30, 37, 50, 50]);
}

#[test]
fn what_is_written_is_read_back_by_falters_own_reader() {
    let vantage: Text = "observer2".into();
    let control = Control {
        vantage: vantage.clone(),
        kind: ControlKind::Far,
        target: [198, 18, 2, 20].into(),
        method: Method::Icmp,
        outcome: REPLY,
    };
    let answer = Answer {
        rcode: "NOERROR".into(),
        aa: true,
        serial: Some(1),
        rtt_us: 30_000,
        truncated: false,
        expires: None,
    };
    let name = Name {
        vantage: vantage.clone(),
        server: "ns1.kptc.kp".into(),
        zone: "kp".into(),
        transport: Transport::Tcp,
        answer: Ok(answer),
    };
    let page = Page {
        vantage,
        site: "http://kcna.kp/".into(),
        stage: Stage::Status,
        error: None,
        status: Some(200),
        address: Some([175, 45, 176, 69].into()),
        times_us: vec![("connect".into(), 30_000)],
        details: PageDetails::default(),
    };
    let facts =
        [Fact::Control(Box::new(control)), Fact::Name(Box::new(name)), Fact::Page(Box::new(page))];
    let all = facts.into_iter().map(|fact| Observation { at: second(1.0), fact }).collect();
    let told = on_calendar(all, (second(0.0), second(2.0)), &Clocks::default(), &calendar());
    let country = Country::new(&Size::default());
    let header = header(&country, "kp", &calendar());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("observations.jsonl.zst");
    let octets = write(Vec::new(), &header, &told).unwrap();
    std::fs::File::create(&path).unwrap().write_all(&octets).unwrap();

    let mut inputs = Inputs::open(&[InputArg::Path(path)]).unwrap();
    let (mut interned, mut read) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut read) {}
    assert!(inputs.reports().iter().all(|report| report.bad.is_empty()));
    assert_eq!(read, told);
    let read = inputs.recording_headers().first().unwrap();
    assert_eq!(read, &header);
    assert!(read.synthetic && (read.time_scale - 10.0).abs() < f64::EPSILON);
    let places: Vec<_> = read.vantage_points.iter().map(|v| v.place).collect();
    let outside = Place::Outside;
    assert_eq!(places, [Place::Inside, outside, outside, outside]);
}
