//! Attacks from captures: thresholds just met and just missed, each packet told once, every form of
//! capture, floods of victims, damaged files, and an interface of a namespace.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what was skipped is told; a helper that fails must stop the test"
)]

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use falter_model::{Attack, Clock, Fact, Interned, Timestamp};
use falter_sources::archive::{InputArg, Inputs, Interest};
use falter_sources::clock::SystemClock;
use falter_sources::darknet::{CaptureError, ListenError, Listener, Vectors};
use falter_sources::live;
use falter_sources::recording::read_line;
use tokio_util::sync::CancellationToken;

const VICTIM: Ipv4Addr = Ipv4Addr::new(175, 45, 176, 81);
const INSIDE: &str = "175.45.176.0/22";
/// A moment that no slot of ten seconds divides.
const START: i64 = 1_643_144_403;

/// A packet of TCP with these flags, from a victim to an address of the darknet.
fn tcp(from: Ipv4Addr, to: Ipv4Addr, flags: u8) -> Vec<u8> {
    let mut octets = vec![0; 40];
    octets[0] = 0x45;
    octets[3] = 40;
    octets[9] = 6;
    octets[12..16].copy_from_slice(&from.octets());
    octets[16..20].copy_from_slice(&to.octets());
    octets[33] = flags;
    octets
}

fn forged(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(0xC612_0000 + (number << 16) + 5)
}

/// Tells what packets of SYN+ACK at these seconds (with a fraction) after [`START`] show.
fn attacks(at_ms: impl IntoIterator<Item = i64>) -> Vec<Attack> {
    let mut vectors = Vectors::new("dark".into(), Some(vec![INSIDE.parse().unwrap()]));
    for (number, at) in (0..).zip(at_ms) {
        let at = Timestamp::from_micros(START * 1_000_000 + at * 1000);
        vectors.take(at, &tcp(VICTIM, forged(number % 3), 0x12));
    }
    vectors.finish();
    all(&mut vectors)
}

fn all(vectors: &mut Vectors) -> Vec<Attack> {
    let mut found = Vec::new();
    let mut latest = Timestamp::MIN;
    while let Some((known, observation)) = vectors.pop() {
        assert!(known >= latest && known >= observation.at, "known before it happened");
        latest = known;
        let Fact::Attack(attack) = observation.fact else { panic!("an attack") };
        assert_eq!(observation.at, attack.until);
        found.push(*attack);
    }
    found
}

/// Packets every `step_ms` from `from_ms` on.
fn every(from_ms: i64, step_ms: i64, count: i64) -> impl Iterator<Item = i64> {
    (0..count).map(move |n| from_ms + n * step_ms)
}

#[test]
fn thresholds_are_met_together_or_not_at_all() {
    let check = |what: &str, at: Vec<i64>, is_attack: bool| {
        assert_eq!(!attacks(at).is_empty(), is_attack, "{what}");
    };
    // 30 packets within some seconds, and one at the end of the minute.
    let burst = |last_ms: i64| every(0, 100, 30).chain([last_ms]).collect::<Vec<_>>();
    check("60 s and 30 a minute", burst(60_000), true);
    check("59.999 s", burst(59_999), false);
    check("29 in the fullest minute", every(0, 100, 29).chain([70_000]).collect(), false);
    check("30 in the fullest minute", every(0, 100, 30).chain([70_000]).collect(), true);
    check("many, at 20 a minute", every(0, 3000, 500).collect(), false);
    check("24 packets, fast", every(0, 10, 23).chain([60_000]).collect(), false);
    check("silent for longer than victims are remembered", burst(300_100 + 3_000), false);
}

#[test]
fn every_packet_is_told_once_while_an_attack_goes_on() {
    // Ten minutes at 2 a second, a pause of two minutes, and one minute more at 1 a second.
    let at: Vec<i64> = every(0, 500, 1200).chain(every(720_000, 1000, 60)).collect();
    let told = attacks(at.clone());
    assert_eq!(told.iter().map(|attack| attack.packets).sum::<u64>(), at.len() as u64);
    // When it became an attack, then each minute.
    assert!((10..=13).contains(&told.len()), "{}", told.len());
    let first = &told[0];
    assert_eq!((first.from, (first.until - first.from).as_seconds()), (at_ms(0), 60.0));
    assert_eq!((&*first.protocol, first.sources_16, first.packets), ("tcp", Some(3), 121));
    // The last of its six slots was not full.
    assert_eq!(first.max_ppm, Some(114));
    assert_eq!(told[1].max_ppm, Some(120));
    for pair in told.windows(2) {
        assert!(pair[0].until < pair[1].from, "parts overlap: {pair:?}");
    }
    assert_eq!(told.iter().rev().map(|attack| attack.max_ppm).next(), Some(Some(60)));
}

fn at_ms(ms: i64) -> Timestamp {
    Timestamp::from_micros(START * 1_000_000 + ms * 1000)
}

#[test]
fn victims_elsewhere_scans_and_the_rest_are_counted() {
    let mut vectors = Vectors::new("dark".into(), Some(vec![INSIDE.parse().unwrap()]));
    let elsewhere = Ipv4Addr::new(192, 0, 2, 1);
    for second in 0..100 {
        let at = at_ms(second * 1000);
        vectors.take(at, &tcp(elsewhere, forged(1), 0x12));
        vectors.take(at, &tcp(VICTIM, forged(1), 0x02));
        vectors.take(at, &tcp(VICTIM, forged(1), 0x10));
        vectors.take(at, &[0x45; 3]);
    }
    vectors.finish();
    assert!(all(&mut vectors).is_empty());
    let counts = vectors.counts();
    assert_eq!((counts.inside, counts.elsewhere), (0, 100));
    assert_eq!((counts.scans, counts.other, counts.unread), (100, 100, 100));
}

#[test]
fn a_flood_of_victims_costs_bounded_memory() {
    let mut vectors = Vectors::new("dark".into(), None);
    for number in 0..60_000 {
        vectors.take(at_ms(0), &tcp(Ipv4Addr::from_bits(number), forged(1), 0x04));
    }
    assert_eq!((vectors.counts().inside, vectors.counts().passed_over), (50_000, 10_000));
    // Those are forgotten, and there is room again.
    vectors.take(at_ms(400_000), &tcp(Ipv4Addr::from_bits(70_000), forged(1), 0x04));
    assert_eq!(vectors.counts().passed_over, 10_000);
}

/// One attack, with a frame of this link around each packet, as pcap of either order of octets.
fn pcap(link: u32, before: &[u8], is_big: bool, nanos: bool) -> Vec<u8> {
    let word = |word: u32| if is_big { word.to_be_bytes() } else { word.to_le_bytes() };
    let magic = if nanos { 0xA1B2_3C4D } else { 0xA1B2_C3D4 };
    let version = if is_big { [0, 2, 0, 4] } else { [2, 0, 4, 0] };
    let mut file = word(magic).to_vec();
    file.extend(version);
    file.extend([0, 0, 65_535, link].map(word).concat());
    for (n, at) in (0_u32..).zip(every(0, 500, 300)) {
        let frame = [before, &tcp(VICTIM, forged(n % 2), 0x12)[..]].concat();
        let seconds = u32::try_from(START + at / 1000).unwrap();
        let part = u32::try_from(at % 1000 * if nanos { 1_000_000 } else { 1000 }).unwrap();
        let length = u32::try_from(frame.len()).unwrap();
        file.extend([seconds, part, length, length].map(word).concat());
        file.extend(frame);
    }
    file
}

/// The same as pcapng, little-endian, with times in units of 10^-`digits` s.
fn pcapng(digits: u8) -> Vec<u8> {
    let block = |kind: u32, body: &[u8]| {
        let length = u32::try_from(body.len() + 12).unwrap().to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    };
    let section = [&0x1A2B_3C4D_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xFF; 8]].concat();
    // Link type raw, no bound; the option if_tsresol.
    let interface =
        [&[101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, digits, 0, 0, 0][..], &[0; 4]].concat();
    let mut file = [block(0x0A0D_0D0A, &section), block(1, &interface)].concat();
    for (n, at) in (0_u32..).zip(every(0, 500, 300)) {
        let units = u64::try_from(START * 1000 + at).unwrap() * 10_u64.pow(u32::from(digits) - 3);
        let (high, low) = (u32::try_from(units >> 32).unwrap(), units & 0xFFFF_FFFF);
        let packet = tcp(VICTIM, forged(n % 2), 0x12);
        let head = [0, high, u32::try_from(low).unwrap(), 40, 40].map(u32::to_le_bytes).concat();
        file.extend(block(6, &[&head[..], &packet].concat()));
    }
    file
}

/// What a file shows through the inputs of a replay, and what is told of it.
fn replay(file: &[u8], interest: Interest) -> (Vec<Attack>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no-telling-name");
    fs::write(&path, file).unwrap();
    let mut inputs = Inputs::open(&[InputArg::from(path)]).unwrap();
    inputs.watch(interest);
    let (mut interned, mut found) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut found) {}
    let report = &inputs.reports()[0];
    assert_eq!(report.observations, found.len() as u64);
    let attacks = found.into_iter().map(|observation| match observation.fact {
        Fact::Attack(attack) => *attack,
        other => panic!("{other:?}"),
    });
    (attacks.collect(), report.bad.iter().map(|bad| bad.fault.to_string()).collect())
}

fn inside() -> Interest {
    Interest { prefixes: Some(vec![INSIDE.parse().unwrap()]), ..Interest::default() }
}

#[test]
fn every_form_of_capture_shows_the_same() {
    let (expected, bad) = replay(&pcap(101, &[], false, false), inside());
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(expected.iter().map(|attack| attack.packets).sum::<u64>(), 300);
    assert_eq!(&*expected[0].vantage, "darknet");
    let ethernet = [&[0; 12][..], &[8, 0]].concat();
    let cooked = [&[0; 14][..], &[8, 0]].concat();
    for (what, file) in [
        ("big-endian", pcap(101, &[], true, false)),
        ("nanoseconds", pcap(101, &[], false, true)),
        ("Ethernet", pcap(1, &ethernet, false, false)),
        ("cooked", pcap(113, &cooked, true, true)),
        ("pcapng, microseconds", pcapng(6)),
        ("pcapng, nanoseconds", pcapng(9)),
    ] {
        assert_eq!(replay(&file, inside()), (expected.clone(), vec![]), "{what}");
    }
    let elsewhere = Interest { prefixes: Some(vec!["192.0.2.0/24".parse().unwrap()]), ..inside() };
    assert_eq!(replay(&pcap(101, &[], false, false), elsewhere).0, []);
    assert_eq!(replay(&pcap(101, &[], false, false), Interest::default()).0, expected);
}

#[test]
fn what_can_t_be_read_of_a_capture_is_told_and_the_rest_counts() {
    let whole = pcap(101, &[], false, false);
    let (attacks, bad) = replay(&whole[..whole.len() - 7], inside());
    assert_eq!(attacks.iter().map(|attack| attack.packets).sum::<u64>(), 299);
    assert_eq!(bad, [CaptureError::CutOff.to_string()]);
    let (attacks, bad) = replay(&pcap(147, &[], false, false), inside());
    assert_eq!((attacks.len(), bad), (0, vec![CaptureError::Link { found: 147 }.to_string()]));
    // A record that claims gigabytes.
    let mut lying = whole.clone();
    lying[24 + 8..24 + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let (attacks, bad) = replay(&lying, inside());
    assert_eq!((attacks.len(), bad.len()), (0, 1));
}

#[test]
fn every_truncation_is_read_without_harm() {
    for file in [pcap(101, &[], false, false), pcapng(6)] {
        for length in (4..600).step_by(7).chain([file.len() - 1]) {
            let (_, bad) = replay(&file[..length], inside());
            assert!(bad.len() <= 1, "{length}: {bad:?}");
        }
    }
}

#[test]
fn an_interface_that_is_not_there_is_told() {
    let vectors = Vectors::new("dark".into(), None);
    let error = Listener::open("nowhere0", vectors, Arc::new(SystemClock)).unwrap_err();
    assert!(matches!(error, ListenError::NoInterface { .. }), "{error}");
}

/// Half a second passes whenever somebody asks.
struct Steps(AtomicI64);

impl Clock for Steps {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(500_000, Ordering::SeqCst))
    }
}

/// In a namespace of its own, whose loopback answers datagrams to closed ports with ICMP errors.
#[test]
fn an_interface_shows_what_arrives_there() {
    const INNER: &str = "FALTER_TEST_IN_NAMESPACE";
    if std::env::var_os(INNER).is_some() {
        listens_to_loopback();
        return;
    }
    let can = Command::new("unshare").args(["-rn", "ip", "link", "set", "lo", "up"]).output();
    if !can.is_ok_and(|made| made.status.success()) {
        println!("skipped: needs unshare and ip, and leave to make namespaces");
        return;
    }
    let this = std::env::current_exe().unwrap();
    let script = "ip link set lo up && exec \"$0\" --exact an_interface_shows_what_arrives_there";
    let mut inner = Command::new("unshare");
    inner.args(["-rn", "sh", "-c", script]).arg(this).env(INNER, "1");
    let output = inner.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn listens_to_loopback() {
    let vectors = Vectors::new("dark".into(), Some(vec!["127.0.0.0/8".parse().unwrap()]));
    let clock = Arc::new(Steps(AtomicI64::new(START * 1_000_000)));
    let listener = Listener::open("lo", vectors, clock).unwrap();
    let ((tell, mut told), stop) = (live::channel(64), CancellationToken::new());
    let counts = listener.counts();
    let stopped = stop.clone();
    let running = std::thread::spawn(move || listener.run(&tell, &stopped));
    let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    for _ in 0..300 {
        // Where the answer was noticed, the next one fails: it is sent all the same.
        let _sent = socket.send_to(b"x", ("127.0.0.9", 9));
    }
    let line = loop {
        if let Some(line) = told.next_now() {
            break line;
        }
        assert!(!running.is_finished(), "{:?}", running.join());
        std::thread::yield_now();
    };
    stop.cancel();
    running.join().unwrap().unwrap();
    let Fact::Attack(attack) = read_line(&line, &mut Interned::new()).unwrap().fact else {
        panic!("an attack")
    };
    assert_eq!((attack.victim.to_string(), &*attack.protocol), ("127.0.0.9".to_owned(), "udp"));
    assert!(attack.packets >= 25 && attack.max_ppm >= Some(30), "{attack:?}");
    let counts = counts.lock().unwrap();
    assert!(counts.inside <= 300, "each once: {counts:?}");
}
