//! One visit, stage by stage.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use falter_model::{Clock, Page, PageDetails, Stage, Text, Timestamp};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use url::{Host, Url};

use super::body::End;
use super::certificate::Trust;
use super::content::{digest, title};
use super::hosts::{Hosts, Turn};
use super::memory::{Looks, Memory};
use super::patience::Patience;
use super::request::{self, Response};
use super::secure;
use crate::names::{MachineResolver, Resolver, compare};
use crate::reach::{self, Silence};

/// Redirects that are followed.
const MOST_REDIRECTS: u8 = 5;
/// Addresses of a site that are tried.
const MOST_ADDRESSES: usize = 3;
/// From this status on an answer is an error (RFC 9110, section 15).
const ERROR_STATUS: u16 = 400;

/// Visits sites.
pub struct Visitor {
    vantage: Text,
    agent: String,
    resolver: Arc<Resolver>,
    machine: Option<MachineResolver>,
    trust: Trust,
    clock: Arc<dyn Clock + Send + Sync>,
    patience: Patience,
    hosts: Hosts,
    memory: Mutex<BTreeMap<Text, Memory>>,
}

/// What came of a visit.
#[derive(Debug, Clone, PartialEq)]
pub enum Visit {
    /// The site, as far as it was seen, and when it was asked first.
    Told(Timestamp, Box<Page>),
    /// Nothing was asked of it, and why: this machine is at fault, or it does not want to be visited.
    Unasked(Text),
}

/// A visit that is going on.
struct Going {
    page: Page,
    /// When the site's own address was asked first.
    at: Option<Timestamp>,
    /// After this no redirect is followed any more.
    until: Instant,
}

/// A visit is over before its time.
enum Over {
    Failed(Stage, Text),
    Unasked(Text),
}

impl Visitor {
    /// Ready to visit. `machine` is only compared with; the resolver knows whom one may ask.
    pub fn new(
        vantage: Text,
        resolver: Arc<Resolver>,
        machine: Option<MachineResolver>,
        trust: Trust,
        clock: Arc<dyn Clock + Send + Sync>,
    ) -> Self {
        let contact = resolver.courtesy().contact();
        let version = env!("CARGO_PKG_VERSION");
        let agent = format!("falter/{version} (a measurement of outages; contact {contact})");
        let (patience, hosts, memory) = Default::default();
        Self { vantage, agent, resolver, machine, trust, clock, patience, hosts, memory }
    }

    /// With other bounds.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Visits a site by its URL.
    pub async fn visit(&self, site: &Text) -> Visit {
        let Ok(url) = site.parse::<Url>() else { return Visit::Unasked("not a URL".into()) };
        let begun = self.clock.now();
        let mut going = Going {
            at: None,
            until: Instant::now() + self.patience.redirects,
            page: Page {
                vantage: self.vantage.clone(),
                site: site.clone(),
                stage: Stage::Resolve,
                error: None,
                status: None,
                address: None,
                times_us: Vec::new(),
                details: PageDetails::default(),
            },
        };
        match self.go(&mut going, url).await {
            Ok(()) => {}
            Err(Over::Failed(stage, error)) => {
                going.page.stage = stage;
                going.page.error = Some(error);
            }
            Err(Over::Unasked(why)) => return Visit::Unasked(why),
        }
        Visit::Told(going.at.unwrap_or(begun), Box::new(going.page))
    }

    /// Through all stages, after redirects again.
    async fn go(&self, going: &mut Going, mut url: Url) -> Result<(), Over> {
        loop {
            let addresses = self.resolve(going, &url).await?;
            let response = self.ask(going, &url, &addresses).await?;
            let next = response.location.as_deref().and_then(|to| within(&url, to));
            if let Some(next) = next {
                let followed = going.page.details.redirects;
                if followed == MOST_REDIRECTS || Instant::now() >= going.until {
                    going.page.status = Some(response.status);
                    return Err(Over::Failed(Stage::Status, "redirects without end".into()));
                }
                going.page.details.redirects += 1;
                url = next;
                continue;
            }
            return self.end(going, &response);
        }
    }

    /// The addresses of the site's host.
    async fn resolve(&self, going: &mut Going, url: &Url) -> Result<Vec<IpAddr>, Over> {
        let host = match url.host() {
            Some(Host::Domain(host)) => host,
            Some(Host::Ipv4(address)) => return Ok(vec![address.into()]),
            Some(Host::Ipv6(address)) => return Ok(vec![address.into()]),
            None => return Err(Over::Unasked("not a URL of a host".into())),
        };
        let (own, machine) = tokio::join!(self.resolver.resolve(host), async {
            match &self.machine {
                Some(machine) => Some(machine.resolve(host).await),
                None => None,
            }
        });
        going.took("resolve", own.took);
        going.page.details.resolver = machine.map(|machine| compare(&own.addresses, &machine));
        own.addresses.map_err(|error| {
            if error.is_blind() {
                return Over::Unasked(error.to_string().as_str().into());
            }
            let says = error.to_string().as_str().into();
            going.page.details.who = error.who;
            Over::Failed(Stage::Resolve, says)
        })
    }

    /// Connects and asks for the page.
    async fn ask(
        &self,
        going: &mut Going,
        url: &Url,
        addresses: &[IpAddr],
    ) -> Result<Response, Over> {
        let courtesy = self.resolver.courtesy();
        let allowed = addresses.iter().filter(|address| courtesy.allows(**address));
        let mut last = Over::Unasked("opted out".into());
        let port = url.port_or_known_default().unwrap_or(80);
        for address in allowed.take(MOST_ADDRESSES) {
            let turn = timeout(self.patience.turn, self.hosts.turn(*address)).await;
            let Ok(mut turn) = turn else {
                return Err(Over::Unasked("others are still being visited at its address".into()));
            };
            let connected = match turn.seen_refused(port) {
                Some(silence) => Err(silence),
                None => self.connect(going, &mut turn, *address, port).await,
            };
            match connected {
                Ok(stream) => {
                    let here = self.hosts.note(&going.page.site, *address);
                    going.page.details.sites_here = Some(here);
                    return self.ask_on(going, url, stream).await;
                }
                Err(silence) if silence.is_own() => {
                    if matches!(last, Over::Unasked(_)) {
                        last = Over::Unasked(silence.to_string().as_str().into());
                    }
                }
                Err(silence) => {
                    going.page.address = Some(*address);
                    last = Over::Failed(Stage::Connect, silence.to_string().as_str().into());
                }
            }
        }
        Err(last)
    }

    async fn connect(
        &self,
        going: &mut Going,
        turn: &mut Turn,
        address: IpAddr,
        port: u16,
    ) -> Result<TcpStream, Silence> {
        going.at.get_or_insert_with(|| self.clock.now());
        let server = SocketAddr::new(address, port);
        let (connected, took) = reach::connection(server, self.patience.connect).await;
        match &connected {
            Ok(_) => {
                going.took("connect", took);
                going.page.address = Some(address);
            }
            Err(silence) if silence.is_own() => {}
            Err(silence) => turn.refused(port, *silence),
        }
        connected
    }

    /// Asks on a connection, through TLS where the URL says so.
    async fn ask_on(
        &self,
        going: &mut Going,
        url: &Url,
        stream: TcpStream,
    ) -> Result<Response, Over> {
        let response = if url.scheme() == "https" {
            let host = url.host_str().unwrap_or_default();
            let begun = Instant::now();
            let clock = Arc::clone(&self.clock);
            let handshake =
                secure::handshake(stream, host, &self.trust, clock, self.patience.handshake).await;
            going.took("tls", begun.elapsed());
            going.page.details.certificate_until = handshake.certificate_until;
            let session = handshake.session.map_err(|why| Over::Failed(Stage::Tls, why))?;
            request::get(session, url, &self.agent, self.patience.response).await
        } else {
            request::get(stream, url, &self.agent, self.patience.response).await
        };
        let response = response.map_err(|why| Over::Failed(Stage::Request, why))?;
        going.took("request", response.took.0);
        going.took("content", response.took.1);
        Ok(response)
    }

    /// What the last answer says.
    fn end(&self, going: &mut Going, response: &Response) -> Result<(), Over> {
        let page = &mut going.page;
        let octets = response.body.octets.as_slice();
        page.stage = Stage::Status;
        page.status = Some(response.status);
        page.details.octets = Some(octets.len() as u64);
        page.details.content = digest(octets);
        let failed = |why: &str| Err(Over::Failed(Stage::Status, why.into()));
        if response.status >= ERROR_STATUS {
            return failed(&format!("status {}", response.status));
        }
        match response.body.end {
            End::Timeout => return failed("timeout in the body"),
            End::Cut => return failed("body cut off"),
            End::Good => {}
        }
        if let Some(digest) = page.details.content {
            let looks = Looks { digest, title: title(octets) };
            let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            let known = memory.entry(page.site.clone()).or_default();
            page.details.is_other = Some(known.is_other(looks));
        }
        Ok(())
    }
}

impl Going {
    /// Adds to the time of a stage: a redirect goes through them again.
    fn took(&mut self, stage: &str, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        match self.page.times_us.iter_mut().find(|(known, _)| &**known == stage) {
            Some((_, sum)) => *sum = sum.saturating_add(took),
            None => self.page.times_us.push((stage.into(), took)),
        }
    }
}

/// Where a redirect leads, if that is the same site: the same name with or without `www.`, over HTTP or
/// HTTPS, on their own ports or the one that was asked.
fn within(from: &Url, location: &str) -> Option<Url> {
    let to = from.join(location).ok()?;
    let bare = |url: &Url| {
        let host = url.host_str()?;
        Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
    };
    let is_web = matches!(to.scheme(), "http" | "https");
    let is_same_port = to.port().is_none() || to.port() == from.port();
    (is_web && is_same_port && bare(from)? == bare(&to)?).then_some(to)
}

impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visitor").field("agent", &self.agent).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_followed_within_a_site() {
        let check = |from: &str, location: &str, expected: Option<&str>| {
            let to = within(&from.parse().unwrap(), location);
            assert_eq!(to.as_ref().map(Url::as_str), expected, "{from} to {location}");
        };
        let site = "http://www.example.kp/a/b";
        check(site, "c?d", Some("http://www.example.kp/a/c?d"));
        check(site, "https://example.kp/", Some("https://example.kp/"));
        check(site, "//example.kp/x", Some("http://example.kp/x"));
        check(site, "http://other.kp/", None);
        check(site, "http://www.example.kp:22/", None);
        check(site, "ftp://www.example.kp/", None);
        check("http://example.kp:8080/", "/x", Some("http://example.kp:8080/x"));
    }
}
