//! Downloads from a server that breaks off, stalls and lies: each fault is mended or told, with the URL and the
//! offset, and nothing but a whole file ever gets its name.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use falter_sources::clock::monotonic;
use falter_sources::fetch::{FetchError, Interrupted, Limits, place_of};
use url::Url;

use crate::server::{Reply, Request, Server, Then, etag, length};
use crate::{Cache, limits, real};

const NAME: &str = "updates.20160811.1600.gz";

/// A real file and another one.
struct Real {
    octets: Vec<u8>,
    other: Vec<u8>,
}

impl Real {
    fn load() -> Option<Self> {
        Some(Self { octets: real(NAME)?, other: real("updates.20071015.1505.gz")? })
    }

    fn half(&self) -> usize {
        self.octets.len() / 2
    }
}

async fn fetch(cache: &Cache, url: &Url) -> Result<Vec<u8>, FetchError> {
    let path = cache.fetcher.fetch(url, &place_of(url), &|_| {}).await?;
    Ok(std::fs::read(path).unwrap())
}

/// Fetches once from a server that answers so; gives what came of it and from where each request asked.
async fn check(
    answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static,
) -> (Result<Vec<u8>, FetchError>, Vec<Option<usize>>) {
    check_with(limits(), answer).await
}

async fn check_with(
    limits: Limits,
    answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static,
) -> (Result<Vec<u8>, FetchError>, Vec<Option<usize>>) {
    let (server, cache) = (Server::start(answer).await, Cache::new(limits));
    let url = server.url(&format!("rrc05/2016.08/{NAME}"));
    let fetched = fetch(&cache, &url).await;
    match &fetched {
        Ok(_) => assert_eq!(cache.names(), [NAME]),
        Err(error) => {
            assert!(!cache.names().contains(&NAME.to_owned()), "{:?}", cache.names());
            assert!(error.to_string().contains(url.as_str()), "{error} does not name its URL");
        }
    }
    (fetched, server.asked_from())
}

/// What went wrong in the last attempt, and where.
fn interrupted(fetched: Result<Vec<u8>, FetchError>) -> (u64, Interrupted) {
    match fetched {
        Err(FetchError::Interrupted { offset, why, .. }) => (offset, why),
        other => panic!("{:?}", other.map(|octets| octets.len())),
    }
}

#[tokio::test]
async fn a_file_arrives_whole_with_its_progress_and_is_kept() {
    let Some(Real { octets, .. }) = Real::load() else { return };
    let whole = octets.clone();
    let server = Server::start(move |_, request| Reply::honest(request, &whole, "a")).await;
    let cache = Cache::new(limits());
    let url = server.url(NAME);
    let (most, total) = (AtomicU64::new(0), AtomicU64::new(0));
    let watcher = |progress: falter_sources::fetch::Progress<'_>| {
        most.fetch_max(progress.octets, Ordering::Relaxed);
        total.store(progress.total.unwrap(), Ordering::Relaxed);
    };
    let place = Path::new("rrc05").join(NAME);
    let path = cache.fetcher.fetch(&url, &place, &watcher).await.unwrap();
    assert!(path.ends_with("cache/rrc05/updates.20160811.1600.gz"));
    assert_eq!(std::fs::read(&path).unwrap(), octets);
    let all = octets.len() as u64;
    assert_eq!((most.into_inner(), total.into_inner()), (all, all));
    cache.fetcher.fetch(&url, &place, &|_| {}).await.unwrap();
    assert_eq!(server.seen().len(), 1, "it is here already");
}

#[tokio::test]
async fn what_broke_off_is_gone_on_with() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let (fetched, asked) = check(move |number, request| {
        let reply = Reply::honest(request, &whole, "a");
        if number == 0 { reply.cut(half) } else { reply }
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    assert_eq!(asked, [None, Some(half)]);
}

#[tokio::test]
async fn what_stalled_is_gone_on_with() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let (fetched, asked) = check(move |number, request| {
        let reply = Reply::honest(request, &whole, "a");
        if number == 0 { reply.cut(half).then(Then::Stall) } else { reply }
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    assert_eq!(asked, [None, Some(half)]);
}

#[tokio::test]
async fn a_server_that_stalls_for_ever_is_given_up() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let (fetched, asked) = check(move |number, request| {
        let reply = Reply::honest(request, &whole, "a");
        reply.cut(if number == 0 { half } else { 0 }).then(Then::Stall)
    })
    .await;
    let (offset, why) = interrupted(fetched);
    assert!(matches!(why, Interrupted::Stalled(_)), "{why}");
    assert_eq!((offset, asked.len()), (half as u64, 4));
}

#[tokio::test]
async fn a_length_that_is_too_long_is_told() {
    let Some(real) = Real::load() else { return };
    let (whole, all) = (real.octets.clone(), real.octets.len());
    let (fetched, asked) = check(move |_, request| match request.from {
        Some(from) => {
            let range = format!("Content-Range: bytes {from}-{}/{}", 2 * all - 1, 2 * all);
            Reply::new("206 Partial Content", &[length(2 * all - from), range, etag("a")], b"")
        }
        None => Reply::new("200 OK", &[length(2 * all), etag("a")], &whole),
    })
    .await;
    let (offset, why) = interrupted(fetched);
    assert!(matches!(why, Interrupted::BrokeOff(_)), "{why}");
    assert_eq!(offset, all as u64);
    assert_eq!(asked, [None, Some(all), Some(all), Some(all)]);
}

#[tokio::test]
async fn a_length_that_is_too_short_is_found_by_the_checksum() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let (fetched, asked) =
        check(move |_, _| Reply::new("200 OK", &[length(half), etag("a")], &whole)).await;
    let (offset, why) = interrupted(fetched);
    assert!(matches!(why, Interrupted::Damaged(_)), "{why}");
    assert_eq!((offset, asked), (half as u64, vec![None; 3]));
}

#[tokio::test]
async fn a_body_without_a_length_is_checked_too() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let (fetched, asked) = check(move |number, _| {
        let reply = Reply::new("200 OK", &[], &whole);
        if number == 0 { reply.cut(half) } else { reply }
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    assert_eq!(asked, [None, None]);
}

#[tokio::test]
async fn a_truncated_archive_is_told_as_damaged() {
    let Some(real) = Real::load() else { return };
    let whole = real.octets[..real.half()].to_vec();
    let (fetched, asked) = check(move |_, request| Reply::honest(request, &whole, "a")).await;
    let (offset, why) = interrupted(fetched);
    assert!(matches!(why, Interrupted::Damaged(_)), "{why}");
    assert_eq!((offset, asked.len()), (real.half() as u64, 3));
}

#[tokio::test]
async fn a_web_page_is_no_archive() {
    let page = b"<!DOCTYPE html>\n<html>The archive moved".to_vec();
    let (fetched, _) = check(move |_, request| Reply::honest(request, &page, "a")).await;
    let (_, why) = interrupted(fetched);
    assert!(why.to_string().contains("expected gzip data, found \"<!DOCTYPE html>"), "{why}");
}

/// A file that changes after half of it was sent; `later` answers all further requests.
async fn check_change(
    real: &Real,
    later: impl Fn(&Request, &[u8]) -> Reply + Send + Sync + 'static,
) -> Vec<Option<usize>> {
    let (first, second, half) = (real.octets.clone(), real.other.clone(), real.half());
    let (fetched, asked) = check(move |number, request| match number {
        0 => Reply::file(&first, "a").cut(half),
        _ => later(request, &second),
    })
    .await;
    assert_eq!(fetched.unwrap(), real.other);
    asked
}

#[tokio::test]
async fn a_file_that_changed_is_begun_anew() {
    let Some(real) = Real::load() else { return };
    let half = Some(real.half());
    let asked = check_change(&real, |request, other| Reply::honest(request, other, "b")).await;
    assert_eq!(asked, [None, half]);
    // A server that does not care for the condition, and says so by its tag.
    let asked = check_change(&real, |request, other| match request.from {
        Some(from) => Reply::rest(other, from.min(100), "b"),
        None => Reply::file(other, "b"),
    })
    .await;
    assert_eq!(asked, [None, half, None]);
    let asked = check_change(&real, |request, other| match request.from {
        Some(from) => {
            let range = format!("Content-Range: bytes {from}-{}/{}", from + 99, from + 100);
            let fields = [length(100), range, etag("b")];
            Reply::new("206 Partial Content", &fields, &other[..100])
        }
        None => Reply::file(other, "b"),
    })
    .await;
    assert_eq!(asked, [None, half, None]);
}

#[tokio::test]
async fn a_server_that_lies_about_its_tag_is_found_out_by_the_checksum() {
    let Some(real) = Real::load() else { return };
    let (first, half) = (real.octets.clone(), real.half());
    let mut mixed = real.octets.clone();
    mixed[half..].reverse();
    let (fetched, asked) = check(move |number, request| match (number, request.from) {
        (0, _) => Reply::file(&first, "a").cut(half),
        (_, Some(from)) => Reply::rest(&mixed, from, "a"),
        (_, None) => Reply::file(&first, "a"),
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    assert_eq!(asked, [None, Some(half), None]);
}

#[tokio::test]
async fn another_part_than_was_asked_for_is_not_taken() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let (fetched, asked) = check(move |number, request| match (number, request.from) {
        (0, _) => Reply::file(&whole, "a").cut(half),
        (_, Some(_)) => Reply::rest(&whole, 0, "a"),
        (_, None) => Reply::file(&whole, "a"),
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    assert_eq!(asked, [None, Some(half), None]);
}

#[tokio::test]
async fn a_rest_that_is_not_there_begins_anew() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let (fetched, asked) = check(move |number, request| match (number, request.from) {
        (0, _) => Reply::file(&whole, "a").cut(half),
        (_, Some(_)) => Reply::new("416 Range Not Satisfiable", &[length(0)], b""),
        (_, None) => Reply::file(&whole, "a"),
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    assert_eq!(asked, [None, Some(half), None]);
}

#[tokio::test]
async fn without_a_tag_a_file_is_not_gone_on_with() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let (fetched, asked) = check(move |number, _| {
        // A weak one says nothing of octets (RFC 9110, section 8.8.3.2).
        let fields = [length(whole.len()), "ETag: W/\"a\"".to_owned()];
        let reply = Reply::new("200 OK", &fields, &whole);
        if number == 0 { reply.cut(half) } else { reply }
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    assert_eq!(asked, [None, None]);
}

#[tokio::test]
async fn redirects_are_followed_so_far() {
    let Some(real) = Real::load() else { return };
    let to = |place: &str| Reply::new("302 Found", &[format!("Location: {place}"), length(0)], b"");
    let whole = real.octets.clone();
    let (fetched, _) = check(move |_, request| match request.path.as_str() {
        "/there" => Reply::honest(request, &whole, "a"),
        _ => to("/there"),
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    let (fetched, asked) = check(move |_, _| to("/on")).await;
    assert!(matches!(fetched, Err(FetchError::Redirects { most: 3, .. })), "{fetched:?}");
    assert_eq!(asked.len(), 4);
    let (fetched, _) = check(move |_, _| to("file:///etc/passwd")).await;
    assert!(matches!(fetched, Err(FetchError::Scheme { .. })), "{fetched:?}");
}

#[tokio::test]
async fn statuses_are_what_they_mean() {
    let Some(real) = Real::load() else { return };
    let whole = real.octets.clone();
    let (fetched, asked) = check(move |number, request| match number {
        0 => Reply::new("503 Busy", &[length(0), "Retry-After: 9999999".to_owned()], b""),
        1 => Reply::new("500 Oh", &[length(2)], b"no"),
        _ => Reply::honest(request, &whole, "a"),
    })
    .await;
    assert_eq!(fetched.unwrap(), real.octets);
    assert_eq!(asked.len(), 3);
    let (fetched, asked) = check(|_, _| Reply::missing()).await;
    assert!(matches!(fetched, Err(FetchError::Missing { .. })), "{fetched:?}");
    assert_eq!(asked.len(), 1);
    let (fetched, asked) = check(|_, _| Reply::new("403 No", &[length(0)], b"")).await;
    assert!(matches!(fetched, Err(FetchError::Refused { status: 403, .. })), "{fetched:?}");
    assert_eq!(asked.len(), 1);
    // A part that nobody asked for.
    let (fetched, _) = check(|_, _| Reply::rest(b"abc", 1, "a")).await;
    assert!(matches!(fetched, Err(FetchError::Refused { status: 206, .. })), "{fetched:?}");
}

#[tokio::test]
async fn what_is_no_http_is_told() {
    for head in ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-", ""] {
        let reply = Reply { head: head.to_owned(), body: Vec::new(), then: Then::Close };
        let (fetched, asked) = check(move |_, _| reply.clone()).await;
        let (offset, why) = interrupted(fetched);
        assert!(matches!(why, Interrupted::NoHttp(_)), "{why}");
        assert_eq!((offset, asked.len()), (0, 3));
    }
    let head = "HTTP/1.1 200 OK\r\n".to_owned();
    let flood = Reply { head, body: b"X-More: and more\r\n".repeat(100), then: Then::Repeat };
    let (fetched, _) = check(move |_, _| flood.clone()).await;
    let (_, why) = interrupted(fetched);
    assert!(matches!(why, Interrupted::NoHttp(_)), "{why}");
}

#[tokio::test]
async fn nobody_there_is_told() {
    let cache = Cache::new(limits());
    // Bound and let go: nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url: Url = format!("http://127.0.0.1:{port}/a.gz").parse().unwrap();
    let (_, why) = interrupted(fetch(&cache, &url).await);
    assert!(matches!(why, Interrupted::Connect(_)), "{why}");
}

#[tokio::test]
async fn octets_are_bounded() {
    let told = Reply::new("200 OK", &[length(9 << 20)], b"");
    let (fetched, asked) = check(move |_, _| told.clone()).await;
    assert!(matches!(fetched, Err(FetchError::TooLarge { most, .. }) if most == 8 << 20));
    assert_eq!(asked.len(), 1);
    let untold = Reply::new("200 OK", &[], &vec![0; 1 << 16]).then(Then::Repeat);
    let (fetched, asked) = check(move |_, _| untold.clone()).await;
    assert!(matches!(fetched, Err(FetchError::TooLarge { .. })), "{fetched:?}");
    assert_eq!(asked.len(), 1);
}

#[tokio::test]
async fn the_whole_time_is_bounded() {
    let total = Duration::from_millis(500);
    let reply = Reply::new("200 OK", &[length(1 << 20), etag("a")], b"").then(Then::Dribble);
    let begun = monotonic();
    let (fetched, _) = check_with(Limits { total, ..limits() }, move |_, _| reply.clone()).await;
    let Err(FetchError::TooSlow { offset, .. }) = fetched else { panic!("{fetched:?}") };
    assert!(offset > 0 && begun.elapsed() < 4 * total, "{offset} in {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_file_without_a_date_is_asked_for_again() {
    let Some(real) = Real::load() else { return };
    let (first, second) = (real.octets.clone(), real.other.clone());
    let server = Server::start(move |number, request| match number {
        0 | 1 => Reply::honest(request, &first, "a"),
        2 | 3 => Reply::honest(request, &second, "b"),
        _ => Reply::new("503 Busy", &[length(0)], b""),
    })
    .await;
    let cache = Cache::new(limits());
    let url = server.url("rrc05/latest-bview.gz");
    for (expected, requests) in [(&real.octets, 1), (&real.octets, 2), (&real.other, 4)] {
        assert_eq!(&fetch(&cache, &url).await.unwrap(), expected);
        assert_eq!(server.seen().len(), requests);
    }
    let names = cache.names();
    assert_eq!(names, ["latest-bview.gz", "latest-bview.gz.origin.json"]);
    drop(server);
    assert_eq!(
        fetch(&cache, &url).await.unwrap(),
        real.other,
        "what is here is better than nothing"
    );
}

#[tokio::test]
async fn two_who_want_the_same_file_load_it_once() {
    let Some(Real { octets, .. }) = Real::load() else { return };
    let whole = octets.clone();
    let server = Server::start(move |_, request| Reply::honest(request, &whole, "a")).await;
    let cache = Cache::new(limits());
    let url = server.url(NAME);
    let (a, b) = tokio::join!(fetch(&cache, &url), fetch(&cache, &url));
    assert_eq!((a.unwrap(), b.unwrap()), (octets.clone(), octets));
    assert_eq!((server.seen().len(), cache.names()), (1, vec![NAME.to_owned()]));
}

#[tokio::test]
async fn a_later_run_goes_on_where_an_earlier_one_was_ended() {
    let Some(real) = Real::load() else { return };
    let (whole, half) = (real.octets.clone(), real.half());
    let server = Server::start(move |number, request| {
        let reply = Reply::honest(request, &whole, "a");
        if number == 0 { reply.cut(half).then(Then::Stall) } else { reply }
    })
    .await;
    let cache = Cache::new(Limits { stall: Duration::from_secs(20), ..limits() });
    let url = server.url(NAME);
    let (begun, part) = (tokio::sync::Notify::new(), half as u64);
    let watcher = |progress: falter_sources::fetch::Progress<'_>| {
        if progress.octets == part {
            begun.notify_one();
        }
    };
    let place = place_of(&url);
    tokio::select! {
        ended = cache.fetcher.fetch(&url, &place, &watcher) => panic!("{ended:?}"),
        () = begun.notified() => {}
    }
    assert_eq!(cache.names(), [format!("{NAME}.part"), format!("{NAME}.part.json")]);
    assert_eq!(fetch(&cache, &url).await.unwrap(), real.octets);
    assert_eq!(server.asked_from(), [None, Some(half)]);
}
