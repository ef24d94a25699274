//! What a collector heard in a time, from a server that keeps archives as the projects do.

use std::collections::BTreeMap;
use std::sync::Arc;

use falter_model::Timestamp;
use falter_sources::collectors::{Collector, Fetched, Mirrors, fetch_latest, fetch_span};

use crate::server::{Reply, Server};
use crate::{Cache, limits};

/// A server with these files; the content of each is its own path, compressed as its name says.
async fn serving(files: &[&str]) -> (Server, Mirrors) {
    let files: Arc<BTreeMap<String, Vec<u8>>> =
        Arc::new(files.iter().map(|file| (format!("/{file}"), content(file))).collect());
    let server = Server::start(move |_, request| match files.get(&request.path) {
        Some(octets) => Reply::honest(request, octets, "a"),
        None => Reply::missing(),
    })
    .await;
    let mirrors = Mirrors { ris: server.url("ris/"), route_views: server.url("rv/") };
    (server, mirrors)
}

fn content(name: &str) -> Vec<u8> {
    use std::io::Write;
    if !name.contains("/bgpdata/") {
        let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        to.write_all(name.as_bytes()).unwrap();
        return to.finish().unwrap();
    }
    let mut to = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    to.write_all(name.as_bytes()).unwrap();
    to.finish().unwrap()
}

fn time(text: &str) -> Timestamp {
    format!("2022-01-{text}:00Z").parse().unwrap()
}

fn collector(name: &str) -> Collector {
    name.parse().unwrap()
}

/// Names of files below the cache, and of what is missing.
fn names(cache: &Cache, fetched: &Fetched) -> (Vec<String>, Vec<String>) {
    let root = cache.folder.path().join("cache");
    let files = fetched
        .files
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
    let missing =
        fetched.missing.iter().map(|url| url.path().rsplit_once('/').unwrap().1.to_owned());
    (files.collect(), missing.collect())
}

#[tokio::test]
async fn a_time_comes_with_the_table_before_it() {
    let (_server, mirrors) = serving(&[
        "ris/rrc00/2022.01/bview.20220126.0000.gz",
        "ris/rrc00/2022.01/updates.20220126.0000.gz",
        "ris/rrc00/2022.01/updates.20220126.0005.gz",
        "ris/rrc00/2022.01/updates.20220126.0015.gz",
        "ris/rrc00/2022.01/updates.20220126.0020.gz",
    ])
    .await;
    let cache = Cache::new(limits());
    let span = (time("26T00:07"), time("26T00:16"));
    let fetched =
        fetch_span(&cache.fetcher, &mirrors, &collector("rrc00"), span, &|_| {}).await.unwrap();
    let (files, missing) = names(&cache, &fetched);
    assert_eq!(
        files,
        [
            "rrc00/2022.01/bview.20220126.0000.gz",
            "rrc00/2022.01/updates.20220126.0000.gz",
            "rrc00/2022.01/updates.20220126.0005.gz",
            "rrc00/2022.01/updates.20220126.0015.gz",
        ]
    );
    assert_eq!(missing, ["updates.20220126.0010.gz"]);
    assert_eq!(fetched.until, Some(time("26T00:10")));
}

#[tokio::test]
async fn the_oldest_collector_lies_at_the_root_and_its_last_dump_may_be_missing() {
    let (_server, mirrors) = serving(&[
        "rv/bgpdata/2022.01/RIBS/rib.20220125.2200.bz2",
        "rv/bgpdata/2022.01/UPDATES/updates.20220125.2200.bz2",
    ])
    .await;
    let cache = Cache::new(limits());
    let now = time("26T00:10");
    let fetched = fetch_latest(&cache.fetcher, &mirrors, &collector("route-views2"), now, &|_| {})
        .await
        .unwrap();
    let (files, missing) = names(&cache, &fetched);
    assert_eq!(
        files,
        [
            "route-views2/bgpdata/2022.01/RIBS/rib.20220125.2200.bz2",
            "route-views2/bgpdata/2022.01/UPDATES/updates.20220125.2200.bz2",
        ]
    );
    assert_eq!(missing, [""; 0]);
    assert_eq!(fetched.until, Some(time("25T22:15")));
}

#[tokio::test]
async fn a_collector_that_publishes_nothing_has_nothing() {
    let (server, mirrors) = serving(&[]).await;
    let cache = Cache::new(limits());
    let now = time("26T00:10");
    let fetched =
        fetch_latest(&cache.fetcher, &mirrors, &collector("rrc99"), now, &|_| {}).await.unwrap();
    assert_eq!((fetched.files.len(), fetched.until), (0, None));
    assert_eq!(server.seen().len(), 4, "it is asked for some dumps, not for ever");
}
