//! Names, asked of real name servers on loopback: a root and a zone of nsd's, the same zone signed by
//! knot, and servers of our own that answer as no real one would.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what was skipped is told; a helper that fails must stop the test"
)]

#[path = "names/daemons.rs"]
mod daemons;
#[path = "names/liar.rs"]
mod liar;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use daemons::{World, free_port};
use falter_model::{Answer, Clock, Fact, Interned, Text, Transport, Zone};
use falter_sources::clock::SystemClock;
use falter_sources::courtesy::Courtesy;
use falter_sources::live;
use falter_sources::names::{
    MachineResolver, NameStatus, NameWatch, NamesPlan, ResolveFailure, Resolver, Roots,
};
use falter_sources::reach::Silence;
use falter_sources::recording::read_line;
use liar::{Liar, Lie};
use tokio_util::sync::CancellationToken;

/// Daemons need a second or two; a busy machine more.
const PATIENCE: Duration = Duration::from_secs(30);

fn resolver(root: IpAddr, port: u16) -> Resolver {
    let courtesy = Courtesy::new("who@example.org", vec![]).unwrap();
    Resolver::new(Roots::of_world(vec![root], port), courtesy)
}

fn zone(name: &str, servers: &[&str]) -> Zone {
    Zone { name: name.into(), servers: servers.iter().map(|server| (*server).into()).collect() }
}

type Told = ((Text, Text, Transport), Result<Answer, Text>);

/// What a watch tells of some zones until `count` answers are there.
async fn watch(resolver: Resolver, zones: Vec<Zone>, count: usize) -> (Vec<Told>, NameStatus) {
    let watch = NameWatch::new(NamesPlan {
        vantage: "test".into(),
        zones,
        resolver: Arc::new(resolver),
        every: Duration::from_millis(400),
        clock: Arc::new(SystemClock),
    });
    let (status, (tell, mut told), stop) =
        (watch.status(), live::channel(64), CancellationToken::new());
    let running = tokio::spawn(watch.run(tell, stop.clone()));
    let mut found: Vec<Told> = Vec::new();
    let over = |found: &[Told], over| found.iter().any(|((_, _, transport), _)| *transport == over);
    while found.len() < count || !over(&found, Transport::Udp) || !over(&found, Transport::Tcp) {
        let line = tokio::time::timeout(PATIENCE, told.next()).await.expect("an answer").unwrap();
        let observation = read_line(&line, &mut Interned::new()).unwrap();
        let Fact::Name(name) = observation.fact else { panic!("a name") };
        found.push(((name.server, name.zone, name.transport), name.answer));
    }
    stop.cancel();
    tokio::time::timeout(PATIENCE, running).await.expect("an end").unwrap();
    let status = status.lock().unwrap().clone();
    (found, status)
}

/// The first that was told of a server, zone and transport.
fn of<'a>(
    told: &'a [Told],
    server: &str,
    zone: &str,
    transport: Transport,
) -> &'a Result<Answer, Text> {
    let is_it = |((s, z, t), _): &&Told| (&**s, &**z, *t) == (server, zone, transport);
    &told.iter().find(is_it).unwrap_or_else(|| panic!("{server} {zone} {transport:?}: {told:?}")).1
}

#[tokio::test]
async fn servers_of_a_zone_are_found_and_asked_over_both_transports() {
    let Some(world) = World::start().await else { return };
    let zones =
        vec![zone("kp", &["ns1.kptc.kp", "ns2.kptc.kp"]), zone("broken.kp", &["127.73.0.2"])];
    let (told, status) = watch(resolver(world.root, world.port), zones, 12).await;
    for transport in [Transport::Udp, Transport::Tcp] {
        let nsd = of(&told, "ns1.kptc.kp", "kp", transport).as_ref().unwrap();
        assert_eq!((&*nsd.rcode, nsd.aa, nsd.serial), ("NOERROR", true, Some(2_026_010_101)));
        assert_eq!((nsd.expires, nsd.truncated), (None, false));
        assert!(nsd.rtt_us < 3_000_000);
        let knot = of(&told, "ns2.kptc.kp", "kp", transport).as_ref().unwrap();
        assert!(knot.aa && knot.serial.is_some(), "{knot:?}");
        // Knot signs for 14 days if nobody says otherwise.
        let left = (knot.expires.unwrap() - SystemClock.now()).as_hours();
        assert!((300.0..=14.0 * 24.0).contains(&left), "{left} hours");
        // A zone that nsd has no data of.
        let broken = of(&told, "127.73.0.2", "broken.kp", transport).as_ref().unwrap();
        assert_eq!((&*broken.rcode, broken.serial), ("SERVFAIL", None));
    }
    assert!(status.asking.told >= 12 && status.unknown.is_empty(), "{status:?}");
}

#[tokio::test]
async fn names_resolve_from_the_root_and_errors_name_who_said_so() {
    let Some(mut world) = World::start().await else { return };
    let resolver = resolver(world.root, world.port);
    let resolve = async |name: &str| resolver.resolve(name).await;
    let good = resolve("www.example.kp").await;
    assert_eq!(good.addresses.unwrap(), [IpAddr::from([175, 45, 176, 79])]);
    // Root, kp.
    assert_eq!(good.asked, 2);
    let alias = resolve("alias.kp.").await;
    assert_eq!(alias.addresses.unwrap(), [IpAddr::from([175, 45, 176, 79])]);
    let six = resolve("six.kp").await;
    assert_eq!(six.addresses.unwrap(), ["2001:db8::79".parse::<IpAddr>().unwrap()]);
    // Its servers have no glue: their own names are in kp.
    let without_glue = resolve("www.child.kp").await;
    assert_eq!(without_glue.addresses.unwrap(), [IpAddr::from([175, 45, 176, 80])]);
    let check = async |name: &str, failure: ResolveFailure, who: &str| {
        let error = resolve(name).await.addresses.unwrap_err();
        assert_eq!(error.failure, failure, "{name}");
        let said = error.who.as_deref().unwrap_or_default();
        assert!(said.contains(who), "{name}: {said}");
    };
    let rcode = |word: &str| ResolveFailure::Rcode(word.into());
    check("nowhere.kp", rcode("NXDOMAIN"), "kptc.kp (127.73.").await;
    check("mail.kp", ResolveFailure::NoAddress, "kptc.kp (127.73.").await;
    check("www.broken.kp", rcode("SERVFAIL"), "ns1.kptc.kp (127.73.0.2)").await;
    check("www.lame.kp", ResolveFailure::Lame, "ns1.kptc.kp (127.73.0.2)").await;
    check("www.dead.kp", ResolveFailure::Silence(Silence::Refused), "ns.dead.kp (127.73.0.9)")
        .await;
    check("nowhere.else", rcode("NXDOMAIN"), "root (127.73.0.1)").await;
    check("a..b", ResolveFailure::NotAName, "").await;

    let server = resolve("ns1.kptc.kp").await;
    assert_eq!(server.told_above, [IpAddr::from([127, 73, 0, 2])]);

    // Another server of the zone that is stopped changes nothing; all of them do.
    world.stop("knotd");
    assert!(resolve("www.example.kp").await.addresses.is_ok());
    world.stop("nsd-kp");
    check("www.example.kp", ResolveFailure::Silence(Silence::Refused), "kptc.kp (127.73.").await;
    // Where the dead servers are is known from the zone above: they are asked, and told as what they are.
    let zones = vec![zone("kp", &["ns1.kptc.kp"])];
    let (told, _) = watch(self::resolver(world.root, world.port), zones, 2).await;
    assert_eq!(of(&told, "ns1.kptc.kp", "kp", Transport::Udp), &Err("refused".into()));
    world.stop("nsd-root");
    let blind = resolve("www.example.kp").await.addresses.unwrap_err();
    assert!(blind.is_blind(), "{blind:?}");
}

#[tokio::test]
async fn who_opted_out_is_not_asked() {
    let courtesy =
        Courtesy::new("who@example.org", vec!["127.74.0.0/16".parse().unwrap()]).unwrap();
    let liar =
        Liar::start([127, 74, 0, 1].into(), free_port([127, 74, 0, 1].into()), Lie::None).await;
    let roots = Roots::of_world(vec![liar.address.ip()], liar.address.port());
    let resolver = Resolver::new(roots, courtesy);
    let error = resolver.resolve("www.kp").await.addresses.unwrap_err();
    assert!(error.is_blind(), "{error:?}");
    assert_eq!(liar.asked(), 0);
}

#[tokio::test]
async fn a_name_that_leads_into_the_network_of_who_asks_is_not_followed() {
    let resolve = async |last, leads_to: IpAddr| {
        let own = IpAddr::from([127, 76, 0, last]);
        let liar = Liar::start(own, free_port(own), Lie::Address(leads_to)).await;
        let roots = Roots::of_world(vec![own], liar.address.port()).only_public();
        let courtesy = Courtesy::new("who@example.org", vec![]).unwrap();
        Resolver::new(roots, courtesy).resolve("www.kp").await.addresses
    };
    for (last, leads_to) in [(1, [127, 0, 0, 1]), (2, [10, 0, 0, 1]), (3, [169, 254, 169, 254])] {
        let error = resolve(last, leads_to.into()).await.unwrap_err();
        assert_eq!(error.failure, ResolveFailure::NotPublic(leads_to.into()));
        assert_eq!(error.who.as_deref(), Some(&*format!("root (127.76.0.{last})")));
        assert!(!error.is_blind(), "it tells something of the name");
    }
    let public = IpAddr::from([175, 45, 176, 81]);
    assert_eq!(resolve(4, public).await, Ok(vec![public]));
}

async fn lied_to(last: u8, lie: Lie) -> (Vec<Told>, NameStatus, u32) {
    let address = IpAddr::from([127, 75, 0, last]);
    let liar = Liar::start(address, free_port(address), lie).await;
    let server = address.to_string();
    let resolver = resolver(address, liar.address.port());
    let (told, status) = watch(resolver, vec![zone("kp", &[&server])], 2).await;
    (told, status, liar.asked())
}

#[tokio::test]
async fn lies_are_told_as_what_they_are() {
    let check = async |last, lie, udp: Result<(&str, bool, bool), &str>, foreign: bool| {
        let (told, status, _) = lied_to(last, lie).await;
        let server = format!("127.75.0.{last}");
        let found = of(&told, &server, "kp", Transport::Udp).as_ref();
        let found = found.map(|answer| (&*answer.rcode, answer.aa, answer.truncated));
        assert_eq!(found.map_err(|error| &**error), udp, "{lie:?}");
        assert_eq!(status.foreign > 0, foreign, "{lie:?}");
        told
    };
    let told = check(1, Lie::None, Ok(("NOERROR", true, false)), false).await;
    // Nothing listens there over TCP.
    assert_eq!(of(&told, "127.75.0.1", "kp", Transport::Tcp), &Err("refused".into()));
    check(2, Lie::Lame, Ok(("NOERROR", false, false)), false).await;
    check(3, Lie::Truncated, Ok(("NOERROR", true, true)), false).await;
    check(4, Lie::PointerLoop, Err("malformed"), false).await;
    // A forged answer before the true one.
    check(5, Lie::OtherNumberFirst, Ok(("NOERROR", true, false)), true).await;
    check(6, Lie::OtherQuestionFirst, Ok(("NOERROR", true, false)), true).await;
    // Too old for EDNS: asked again without.
    check(7, Lie::OldServer, Ok(("NOERROR", true, false)), false).await;
    check(8, Lie::Silent, Err("timeout"), false).await;
    // Thousands of answers to something else.
    check(9, Lie::Flood, Err("malformed"), true).await;
}

#[tokio::test]
async fn lies_over_tcp_are_told_as_what_they_are() {
    for (last, lie, error) in [
        (21, Lie::Drip, "timeout"),
        (22, Lie::TcpFlood, "malformed"),
        (23, Lie::TcpShort, "malformed"),
    ] {
        let (told, ..) = lied_to(last, lie).await;
        let server = format!("127.75.0.{last}");
        assert!(of(&told, &server, "kp", Transport::Udp).as_ref().is_ok_and(|udp| udp.truncated));
        assert_eq!(of(&told, &server, "kp", Transport::Tcp), &Err(error.into()), "{lie:?}");
    }
}

#[tokio::test]
async fn aliases_without_end_cost_few_questions() {
    let address = IpAddr::from([127, 76, 0, 2]);
    let liar = Liar::start(address, free_port(address), Lie::AliasForEver).await;
    let resolved = resolver(address, liar.address.port()).resolve("www.kp").await;
    assert_eq!(resolved.addresses.unwrap_err().failure, ResolveFailure::Loop);
    assert!(liar.asked() <= 8, "{}", liar.asked());
}

#[tokio::test]
async fn delegations_without_end_cost_few_questions() {
    let address = IpAddr::from([127, 76, 0, 1]);
    let liar = Liar::start(address, free_port(address), Lie::DelegatesForEver).await;
    let resolved = resolver(address, liar.address.port()).resolve("a.b.c.d.e.f.g.kp").await;
    let failure = resolved.addresses.unwrap_err().failure;
    assert!(matches!(failure, ResolveFailure::NoServers | ResolveFailure::TooMany), "{failure:?}");
    assert!(liar.asked() <= 60, "{}", liar.asked());
}

#[tokio::test]
async fn the_machine_s_resolver_is_asked_too() {
    let address = IpAddr::from([127, 77, 0, 1]);
    let liar =
        Liar::start(address, free_port(address), Lie::Address([175, 45, 176, 79].into())).await;
    let machine = MachineResolver::at(vec![liar.address]).unwrap();
    assert_eq!(machine.resolve("www.kp").await.unwrap(), [IpAddr::from([175, 45, 176, 79])]);
    let closed = SocketAddr::new(address, free_port(address));
    let error = MachineResolver::at(vec![closed]).unwrap().resolve("www.kp").await.unwrap_err();
    assert_eq!(error.failure, ResolveFailure::Silence(Silence::Refused));
    assert_eq!(error.who.as_deref(), Some("127.77.0.1"));
}
