//! What runs in the namespaces.

use std::net::IpAddr;
use std::time::Duration;

use falter_model::{ControlKind, Fact, Interned, Method, Observation, Outcome, Prefix, Timestamp};
use falter_sources::clock::SystemClock;
use falter_sources::live::channel;
use falter_sources::probing::{
    Allowed, ControlTarget, Handshake, PacePlan, Probing, ProbingPlan, ProbingStatus, RoundsPlan,
    SweepOptions, Target, TracePlan, privileges, sweep,
};
use falter_sources::recording::read_line;
use tokio_util::sync::CancellationToken;

use crate::stage::{Accepting, build, rule, sh};

fn target(address: &str, methods: &[Method]) -> Target {
    Target { address: address.parse().unwrap(), methods: methods.to_vec(), availability: 0.95 }
}

fn plan(targets: Vec<Target>) -> ProbingPlan {
    let far = "203.0.113.1".parse().unwrap();
    ProbingPlan {
        vantage: "test".into(),
        contact: "probes@example.net".into(),
        targets,
        controls: vec![ControlTarget {
            kind: ControlKind::Far,
            address: far,
            method: Method::Icmp,
        }],
        opt_out: vec!["198.18.3.0/24".parse().unwrap()],
        pace: PacePlan { total_pps: 100.0, per_target: Duration::from_millis(100) },
        rounds: RoundsPlan {
            calm: Duration::from_millis(200),
            quick: Duration::from_millis(200),
            timeout: Duration::from_millis(500),
        },
        handshake: Handshake::Whole,
        sweep: None,
        trace: None,
    }
}

/// Probes until `enough` of what was told, at most ten seconds.
fn probe(
    plan: ProbingPlan,
    mut enough: impl FnMut(&[Observation]) -> bool,
) -> (Vec<Observation>, ProbingStatus) {
    let (teller, mut told) = channel(10_000);
    let probing = Probing::new(plan).unwrap();
    let (status, stop) = (probing.status(), CancellationToken::new());
    let mut observations = Vec::new();
    std::thread::scope(|scope| {
        let token = stop.clone();
        let run = scope.spawn(move || probing.run(&SystemClock, &teller, &token));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut interned = Interned::new();
        let listen = async {
            while !enough(&observations) {
                let line = told.next().await.unwrap();
                observations.push(read_line(&line, &mut interned).unwrap());
            }
        };
        let in_time =
            runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), listen).await });
        stop.cancel();
        run.join().unwrap().unwrap();
        assert!(in_time.is_ok(), "only {observations:?}");
    });
    let status = status.lock().unwrap().clone();
    (observations, status)
}

/// What came of probes to an address.
fn outcomes(told: &[Observation], address: &str, method: Method) -> Vec<Outcome> {
    let address: IpAddr = address.parse().unwrap();
    told.iter()
        .filter_map(|observation| match &observation.fact {
            Fact::Probe(p) if (p.target, p.method) == (address, method) => Some(p.outcome.clone()),
            Fact::Control(c) if (c.target, c.method) == (address, method) => {
                Some(c.outcome.clone())
            }
            _ => None,
        })
        .collect()
}

/// Every method, over both families.
fn ask_every_method() -> (Vec<Observation>, ProbingStatus) {
    let targets = vec![
        target("198.18.0.1", &[Method::Icmp, Method::Tcp(9)]),
        target("198.18.0.2", &[Method::Icmp, Method::Udp(9)]),
        target("198.18.3.1", &[Method::Icmp]),
        target("fd00::1", &[Method::Icmp]),
    ];
    // The kernel needs a moment for the addresses of IPv6: what comes of the first is not asked for.
    probe(plan(targets), |told| {
        let six = outcomes(told, "fd00::1", Method::Icmp);
        told.len() >= 30 && six.iter().any(Outcome::answered)
    })
}

fn check_every_method(told: &[Observation], status: &ProbingStatus) {
    for outcome in outcomes(told, "198.18.0.1", Method::Icmp) {
        let Outcome::Reply { rtt_us, .. } = outcome else { panic!("{outcome:?}") };
        assert!((1..200_000).contains(&rtt_us), "{rtt_us}");
    }
    let resets = outcomes(told, "198.18.0.1", Method::Tcp(9));
    assert!(!resets.is_empty());
    assert!(resets.iter().all(|outcome| matches!(outcome, Outcome::Reset { .. })), "{resets:?}");
    let ports = outcomes(told, "198.18.0.2", Method::Udp(9));
    assert!(!ports.is_empty());
    let is_port =
        |outcome: &Outcome| matches!(outcome, Outcome::Unreachable(u) if &*u.code == "port");
    assert!(ports.iter().all(is_port), "{ports:?}");
    assert!(!outcomes(told, "203.0.113.1", Method::Icmp).is_empty(), "no control was asked");
    assert!(outcomes(told, "198.18.3.1", Method::Icmp).is_empty(), "who opted out was asked");
    assert_eq!((status.spoofed, status.not_sent), (0, 0), "{status:?}");
    let now = falter_model::Clock::now(&SystemClock);
    let is_of_today = |at: Timestamp| (now - at).as_seconds().abs() < 30.0;
    assert!(told.iter().all(|observation| is_of_today(observation.at)));
}

#[test]
#[ignore = "runs in namespaces"]
fn half_open() {
    build();
    sh(
        "ip netns exec net nft 'add table ip t; add chain ip t in { type filter hook input priority 0; }; \
        add rule ip t in tcp dport 81 drop'",
    );
    rule("tcp dport 82 reject with icmp type host-unreachable");
    // A listener that would notice a connection, of either family.
    sh("ip -n net -6 addr add fd00:1::1/128 dev lo; ip -n r -6 addr add fd00:2::1/64 dev r1 nodad
        ip -n net -6 addr add fd00:2::2/64 dev n0 nodad; ip -n r -6 route add fd00:1::/64 via fd00:2::2
        ip -n net -6 route add default via fd00:2::1; ip -6 route add default via fd00::1
        ip netns exec r sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'");
    let mut accepting = Accepting::begin("net", 80);
    let ports = [80, 9, 81, 82].map(Method::Tcp);
    let mut plan = plan(vec![
        target("198.18.0.1", &ports),
        target("fd00:1::1", &[Method::Tcp(80), Method::Tcp(9)]),
    ]);
    plan.handshake = Handshake::Half;
    let (told, status) = probe(plan, |told| {
        let six = outcomes(told, "fd00:1::1", Method::Tcp(80));
        told.len() >= 60 && six.iter().any(Outcome::answered)
    });
    let of = |address, port| outcomes(&told, address, Method::Tcp(port));
    let all = |outcomes: Vec<Outcome>, is: fn(&Outcome) -> bool| {
        assert!(!outcomes.is_empty() && outcomes.iter().all(is), "{outcomes:?}");
    };
    let is_fast = |rtt_us: &u32| (1..200_000).contains(rtt_us);
    all(of("198.18.0.1", 80), |o| matches!(o, Outcome::Reply { ttl: Some(63), .. }));
    for outcome in of("198.18.0.1", 9) {
        assert!(matches!(&outcome, Outcome::Reset { rtt_us } if is_fast(rtt_us)), "{outcome:?}");
    }
    all(of("198.18.0.1", 81), |o| matches!(o, Outcome::Timeout { .. }));
    let router: Option<IpAddr> = Some("203.0.113.1".parse().unwrap());
    for outcome in of("198.18.0.1", 82) {
        let Outcome::Unreachable(unreachable) = outcome else { panic!("{outcome:?}") };
        assert_eq!((&*unreachable.code, unreachable.from), ("host", router));
    }
    let six = of("fd00:1::1", 80);
    assert!(six.iter().any(|o| matches!(o, Outcome::Reply { .. })), "{six:?}");
    assert!(of("fd00:1::1", 9).iter().any(|o| matches!(o, Outcome::Reset { .. })));
    assert_eq!((status.spoofed, status.duplicate, status.not_sent), (0, 0, 0), "{status:?}");
    assert_eq!(accepting.end(), 0, "a service noticed a probe");
}

#[test]
#[ignore = "runs in namespaces"]
fn every_method() {
    build();
    assert_eq!(privileges().icmp_v4, Allowed::Raw);
    let (told, status) = ask_every_method();
    check_every_method(&told, &status);
    let replies = outcomes(&told, "198.18.0.1", Method::Icmp);
    assert!(
        replies.iter().all(|o| matches!(o, Outcome::Reply { ttl: Some(63), .. })),
        "{replies:?}"
    );
}

#[test]
#[ignore = "runs in namespaces"]
fn datagram() {
    build();
    // The tests' threads inherit what this one gives up.
    sh("command -v setpriv > /dev/null");
    if std::env::var_os("FALTER_DROPPED").is_none() {
        let itself = std::env::current_exe().unwrap();
        let status = std::process::Command::new("setpriv")
            .args(["--bounding-set=-net_raw", "--inh-caps=-net_raw"])
            .arg(itself)
            .args(["--exact", "inside::datagram_dropped", "--ignored", "--nocapture"])
            .env("FALTER_DROPPED", "1")
            .status();
        assert!(status.unwrap().success());
    }
}

#[test]
#[ignore = "runs in namespaces"]
fn datagram_dropped() {
    if std::env::var_os("FALTER_DROPPED").is_none() {
        return;
    }
    assert_eq!(privileges().icmp_v4, Allowed::Datagram);
    assert!(privileges().advice().is_some());
    let (told, status) = ask_every_method();
    check_every_method(&told, &status);
    rule("ip daddr 198.18.1.0/24 reject with icmp host-unreachable");
    check_unreachable();
}

#[test]
#[ignore = "runs in namespaces"]
fn unreachable() {
    build();
    rule("ip daddr 198.18.1.0/24 reject with icmp host-unreachable");
    rule("ip daddr 198.18.2.0/24 drop");
    check_unreachable();
}

fn check_unreachable() {
    let targets =
        vec![target("198.18.1.1", &[Method::Icmp]), target("198.18.2.1", &[Method::Icmp])];
    let (told, status) = probe(plan(targets), |told| {
        outcomes(told, "198.18.1.1", Method::Icmp).len() >= 3
            && !outcomes(told, "198.18.2.1", Method::Icmp).is_empty()
    });
    for outcome in outcomes(&told, "198.18.1.1", Method::Icmp) {
        let Outcome::Unreachable(unreachable) = outcome else { panic!("{outcome:?}") };
        assert_eq!(&*unreachable.code, "host");
        assert_eq!(unreachable.from, Some("203.0.113.1".parse().unwrap()));
    }
    assert_eq!((status.spoofed, status.not_sent), (0, 0), "{status:?}");
}

#[test]
#[ignore = "runs in namespaces"]
fn own_uplink() {
    build();
    let targets = || (1..=5).map(|n| target(&format!("198.18.0.{n}"), &[Method::Icmp])).collect();
    // No way out, and nobody to tell whose fault that is: nothing is told, and the status says why.
    sh("ip link set v0 down");
    let mut looks = 0;
    let (teller, mut told) = channel(10_000);
    let without = ProbingPlan { controls: Vec::new(), ..plan(targets()) };
    let probing = Probing::new(without).unwrap();
    let (status, stop) = (probing.status(), CancellationToken::new());
    std::thread::scope(|scope| {
        let token = stop.clone();
        let run = scope.spawn(move || probing.run(&SystemClock, &teller, &token));
        while status.lock().unwrap().not_sent < 20 {
            looks += 1;
            assert!(looks < 2_000, "{:?}", status.lock().unwrap());
            std::thread::park_timeout(Duration::from_millis(5));
        }
        stop.cancel();
        run.join().unwrap().unwrap();
    });
    assert!(told.next_now().is_none(), "something was told of probes that never left");
    let no_witness = status.lock().unwrap().clone();
    assert!(no_witness.last_fault.is_some() && no_witness.sent == 0, "{no_witness:?}");
    // With a far control both are told as unreachable: the control shows that the fault is ours.
    let (told, _) = probe(plan(targets()), |told| {
        outcomes(told, "198.18.0.1", Method::Icmp).len() >= 2
            && told.iter().any(|observation| matches!(observation.fact, Fact::Control(_)))
    });
    assert!(told.iter().all(|observation| match &observation.fact {
        Fact::Probe(probe) => matches!(probe.outcome, Outcome::Unreachable(_)),
        Fact::Control(control) => matches!(control.outcome, Outcome::Unreachable(_)),
        _ => false,
    }));
}

fn options(retries: u32) -> SweepOptions {
    SweepOptions {
        pps: 20_000.0,
        retries,
        wait: Duration::from_millis(300),
        contact: "probes@example.net".into(),
        opt_out: vec!["198.18.3.0/24".parse().unwrap()],
    }
}

#[test]
#[ignore = "runs in namespaces"]
fn sweep_finds_all() {
    build();
    let stop = CancellationToken::new();
    let prefixes: Vec<Prefix> = vec!["198.18.0.0/22".parse().unwrap()];
    let swept = sweep(&prefixes, &options(0), &stop).unwrap();
    assert_eq!((swept.found.len(), swept.sent, swept.asked), (768, 768, 768));
    assert_eq!((swept.duplicate, swept.spoofed, swept.not_sent), (0, 0, 0));
    assert!(swept.found.windows(2).all(|pair| pair[0].address < pair[1].address));
    // A tenth is lost each way, and one address is silent for good.
    rule("numgen random mod 100 < 10 drop");
    rule("ip daddr 198.18.2.7 drop");
    let swept = sweep(&prefixes, &options(7), &stop).unwrap();
    assert_eq!(swept.found.len(), 767);
    assert!((900..1_100).contains(&swept.sent), "{}", swept.sent);
}

#[test]
#[ignore = "runs in namespaces"]
fn trace_hops() {
    build();
    let to: IpAddr = "198.18.0.9".parse().unwrap();
    let mut plan = plan(Vec::new());
    plan.trace =
        Some(TracePlan { targets: vec![to], every: Duration::from_hours(1), most_hops: 9 });
    let is_there = |o: &Observation| matches!(&o.fact, Fact::Hop(hop) if hop.from == Some(to));
    let (told, _) = probe(plan, |told| told.iter().any(is_there));
    let hops: Vec<(u8, Option<IpAddr>)> = told
        .iter()
        .filter_map(|o| if let Fact::Hop(hop) = &o.fact { Some((hop.ttl, hop.from)) } else { None })
        .collect();
    assert_eq!(hops, [(1, Some("203.0.113.1".parse().unwrap())), (2, Some(to))]);
}
