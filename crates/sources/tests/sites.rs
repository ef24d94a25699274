//! Web sites: nginx on loopback with certificates of our own, and servers of our own that do what no
//! real one would.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what was skipped is told; a helper that fails must stop the test"
)]

#[expect(dead_code, reason = "the tests of names need more of it")]
#[path = "names/liar.rs"]
mod liar;
#[path = "sites/nginx.rs"]
mod nginx;
#[path = "sites/trickster.rs"]
mod trickster;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use falter_model::{Fact, Interned, Page, Site, Stage, Text};
use falter_sources::clock::SystemClock;
use falter_sources::courtesy::Courtesy;
use falter_sources::live;
use falter_sources::names::{MachineResolver, Resolver, Roots};
use falter_sources::recording::read_line;
use falter_sources::sites::{Patience, SiteWatch, SitesPlan, Trust, Visit, Visitor};
use liar::{Liar, Lie};
use nginx::{HOST, Nginx};
use tokio_util::sync::CancellationToken;
use trickster::{Trick, Trickster};

/// A busy machine needs more.
const PATIENCE: Duration = Duration::from_secs(30);

/// Visits, in a world where every name is at [`HOST`].
async fn visitor(trust: Trust, opt_out: &[&str]) -> (Visitor, Liar) {
    let port = TcpListener::bind((HOST, 0)).unwrap().local_addr().unwrap().port();
    let names = Liar::start(HOST, port, Lie::Address(HOST)).await;
    let opt_out = opt_out.iter().map(|prefix| prefix.parse().unwrap()).collect();
    let courtesy = Courtesy::new("who@example.org", opt_out).unwrap();
    let resolver = Resolver::new(Roots::of_world(vec![HOST], names.address.port()), courtesy);
    let machine = MachineResolver::at(vec![names.address]);
    let visitor =
        Visitor::new("test".into(), Arc::new(resolver), machine, trust, Arc::new(SystemClock));
    let patience = Patience {
        connect: PATIENCE,
        handshake: Duration::from_millis(700),
        response: Duration::from_millis(1500),
        ..Patience::default()
    };
    (visitor.with_patience(patience), names)
}

async fn page(visitor: &Visitor, url: &str) -> Page {
    match visitor.visit(&url.into()).await {
        Visit::Told(_, page) => *page,
        Visit::Unasked(why) => panic!("{url}: {why}"),
    }
}

/// Where a visit ended and why.
fn end(page: &Page) -> (Stage, Option<&str>, Option<u16>) {
    (page.stage, page.error.as_deref(), page.status)
}

#[tokio::test]
async fn every_stage_is_told() {
    let Some(nginx) = Nginx::start().await else { return };
    let (visitor, _names) = visitor(nginx.trust(), &[]).await;
    let (http, https) = (nginx.http, nginx.https);
    let check = async |url: String, stage, error: Option<&str>, status: Option<u16>| {
        let page = page(&visitor, &url).await;
        assert_eq!(end(&page), (stage, error, status), "{url}");
        page
    };
    let ok = check(format!("http://www.example.kp:{http}/"), Stage::Status, None, Some(200)).await;
    assert_eq!(ok.address, Some(HOST));
    let stages: Vec<&str> = ok.times_us.iter().map(|(stage, _)| &**stage).collect();
    assert_eq!(stages, ["resolve", "connect", "request", "content"]);
    let details = &ok.details;
    assert_eq!(details.resolver.as_deref(), Some("same"));
    assert_eq!((details.is_other, details.sites_here), (Some(false), Some(1)));
    assert!(details.octets > Some(100) && details.content.is_some(), "{details:?}");

    let secure = check(format!("https://www.example.kp:{https}/"), Stage::Status, None, Some(200));
    let secure = secure.await;
    assert!(secure.times_us.iter().any(|(stage, _)| &**stage == "tls"));
    assert_eq!(secure.details.certificate_until, Some("2040-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(secure.details.sites_here, Some(2));

    for (path, error, status) in [
        ("/ill", Some("status 503"), 503),
        ("/missing", Some("status 404"), 404),
        ("/moved", None, 200),
        ("/elsewhere", None, 302),
        ("/loop", Some("redirects without end"), 302),
    ] {
        let url = format!("http://www.example.kp:{http}{path}");
        check(url, Stage::Status, error, Some(status)).await;
    }
    let large =
        check(format!("http://www.example.kp:{http}/large"), Stage::Status, None, Some(200));
    assert_eq!(large.await.details.octets, Some(1 << 20));

    let closed = TcpListener::bind((HOST, 0)).unwrap().local_addr().unwrap().port();
    let url = format!("http://www.example.kp:{closed}/");
    let refused = check(url, Stage::Connect, Some("refused"), None).await;
    assert_eq!(refused.address, Some(HOST));
}

#[tokio::test]
async fn a_certificate_is_told_with_what_is_wrong_with_it() {
    let Some(nginx) = Nginx::start().await else { return };
    let (visitor, _names) = visitor(nginx.trust(), &[]).await;
    let port = nginx.https;
    for (host, error, until) in [
        ("expired.kp", "certificate expired", "2020-01-01T00:00:00Z"),
        ("other.kp", "certificate of another name", "2040-01-01T00:00:00Z"),
        ("stranger.kp", "certificate of an unknown issuer", "2040-01-01T00:00:00Z"),
    ] {
        let page = page(&visitor, &format!("https://{host}:{port}/")).await;
        assert_eq!(end(&page), (Stage::Tls, Some(error), None), "{host}");
        assert_eq!(page.details.certificate_until, Some(until.parse().unwrap()), "{host}");
    }
    let plain = page(&visitor, &format!("https://www.example.kp:{}/", nginx.http)).await;
    assert_eq!(end(&plain), (Stage::Tls, Some("malformed"), None));
}

#[tokio::test]
async fn hostile_servers_cost_bounded_time_and_are_told_as_what_they_are() {
    let (visitor, _names) = visitor(Trust::platform(), &[]).await;
    for (trick, scheme, stage, error) in [
        (Trick::Silent, "http", Stage::Request, "timeout"),
        (Trick::Silent, "https", Stage::Tls, "timeout"),
        (Trick::Hangup, "http", Stage::Request, "closed"),
        (Trick::Garbage, "http", Stage::Request, "malformed"),
        (Trick::EndlessHead, "http", Stage::Request, "head too large"),
        (Trick::DripBody, "http", Stage::Status, "timeout in the body"),
        (Trick::ShortBody, "http", Stage::Status, "body cut off"),
    ] {
        let server = Trickster::start(HOST, trick).await;
        let begun = tokio::time::Instant::now();
        let page = page(&visitor, &format!("{scheme}://www.example.kp:{}/", server.port)).await;
        assert_eq!((page.stage, page.error.as_deref()), (stage, Some(error)), "{trick:?}");
        assert!(begun.elapsed() < PATIENCE);
    }
    let server = Trickster::start(HOST, Trick::EndlessBody).await;
    let endless = page(&visitor, &format!("http://www.example.kp:{}/", server.port)).await;
    assert_eq!(
        (end(&endless), endless.details.octets),
        ((Stage::Status, None, Some(200)), Some(1 << 20))
    );
}

#[tokio::test]
async fn requests_say_who_asks_and_whom_to_write_to() {
    let (visitor, _names) = visitor(Trust::platform(), &[]).await;
    let server = Trickster::start(HOST, Trick::Hangup).await;
    page(&visitor, &format!("http://www.example.kp:{}/a?b#c", server.port)).await;
    let request = server.heard();
    assert!(request.starts_with("GET /a?b HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: www.example.kp:{}\r\n", server.port)), "{request}");
    let agent = "(a measurement of outages; contact who@example.org)\r\n";
    assert!(request.contains(agent) && !request.to_lowercase().contains("cookie"), "{request}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_ends_a_visit() {
    let (visitor, names) = visitor(Trust::platform(), &[]).await;
    let nowhere = page(&visitor, "http://nowhere.kp/").await;
    assert_eq!(end(&nowhere), (Stage::Resolve, Some("NXDOMAIN"), None));
    assert_eq!(nowhere.details.who.as_deref(), Some("root (127.80.0.1)"));
    assert_eq!(nowhere.details.resolver.as_deref(), Some("NXDOMAIN"));
    drop(names);
    // Not even the root: then nothing is said of the site.
    let why: Text = "the root did not answer".into();
    assert_eq!(visitor.visit(&"http://www.example.kp/".into()).await, Visit::Unasked(why));
}

#[tokio::test]
async fn who_opted_out_is_not_visited() {
    let (visitor, _names) = visitor(Trust::platform(), &["192.0.2.0/24"]).await;
    let why: Text = "opted out".into();
    assert_eq!(visitor.visit(&"http://192.0.2.7/".into()).await, Visit::Unasked(why));
}

#[tokio::test]
async fn every_site_is_visited_in_every_round() {
    let Some(nginx) = Nginx::start().await else { return };
    let (visitor, _names) = visitor(nginx.trust(), &[]).await;
    let url = |path: &str| Site { url: format!("http://{path}:{}/", nginx.http).as_str().into() };
    let watch = SiteWatch::new(SitesPlan {
        sites: vec![url("a.kp"), url("b.kp")],
        every: Duration::from_millis(300),
        visitor: Arc::new(visitor),
    });
    let (status, (tell, mut told), stop) =
        (watch.status(), live::channel(64), CancellationToken::new());
    let running = tokio::spawn(watch.run(tell, stop.clone()));
    let mut visited = Vec::new();
    for _ in 0..6 {
        let line = tokio::time::timeout(PATIENCE, told.next()).await.expect("a page").unwrap();
        let Fact::Page(page) = read_line(&line, &mut Interned::new()).unwrap().fact else {
            panic!("a page")
        };
        assert_eq!(page.error, None);
        visited.push(page.site);
    }
    stop.cancel();
    tokio::time::timeout(PATIENCE, running).await.expect("an end").unwrap();
    for site in [url("a.kp"), url("b.kp")] {
        assert_eq!(
            visited.iter().filter(|visited| **visited == site.url).count(),
            3,
            "{visited:?}"
        );
    }
    assert!(status.now().told >= 6);
}
