//! Resolution from the root down, without any memory.

mod global;
mod roots;
mod walk;

use std::net::IpAddr;
use std::time::Duration;

use falter_model::Text;
use hickory_proto::rr::Name;
use tokio::time::Instant;

use crate::courtesy::Courtesy;
use crate::reach::Silence;

pub use roots::Roots;
use walk::Walk;

/// How long one server is waited for (RFC 1035, section 7.2, asks for at least two seconds or so).
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a whole resolution may take: what stubs wait for a resolver before they give up (5 s, twice).
const ALL_PATIENCE: Duration = Duration::from_secs(10);
/// Questions of a whole resolution: far more than a sane tree of zones takes, and little enough that a
/// hostile one makes no flood of us (compare `NXNSAttack`, USENIX Security 2020).
const MOST_QUESTIONS: u32 = 60;

/// Resolves names from the root down.
#[derive(Debug, Clone)]
pub struct Resolver {
    roots: Roots,
    courtesy: Courtesy,
}

/// What came of a resolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The addresses, IPv4 or, where there is none, IPv6.
    pub addresses: Result<Vec<IpAddr>, ResolveError>,
    /// Addresses that servers of a zone above told of the name, as one of the servers of a zone below: where
    /// to ask a server that is down itself.
    pub told_above: Vec<IpAddr>,
    /// Questions that were asked.
    pub asked: u32,
    /// How long it took.
    pub took: Duration,
}

/// Why a name has no address, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct ResolveError {
    /// Why.
    pub failure: ResolveFailure,
    /// The server that was asked last: its name and its address.
    pub who: Option<Text>,
}

/// Why a name has no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveFailure {
    /// It is no name.
    #[error("not a name")]
    NotAName,
    /// A server said so: `SERVFAIL`, `REFUSED`, `NXDOMAIN`.
    #[error("{0}")]
    Rcode(Text),
    /// The name is there, but has no address.
    #[error("no address")]
    NoAddress,
    /// It leads to an address that only some reach; where it leads is that network's matter.
    #[error("an address that is not public ({0})")]
    NotPublic(IpAddr),
    /// No server of a zone answered.
    #[error(transparent)]
    Silence(#[from] Silence),
    /// Not even the root answered: that says something of this machine, and nothing of the name.
    #[error("the root did not answer")]
    Blind,
    /// No server of a zone speaks for it.
    #[error("lame delegation")]
    Lame,
    /// The servers of a zone have no addresses.
    #[error("servers without addresses")]
    NoServers,
    /// Delegations or aliases without end.
    #[error("a loop of delegations or aliases")]
    Loop,
    /// It took too many questions or too long.
    #[error("too many questions")]
    TooMany,
}

impl ResolveError {
    /// Whether it tells something of the name at all: the root serves the whole world, so whoever does
    /// not hear it is cut off.
    pub fn is_blind(&self) -> bool {
        match self.failure {
            ResolveFailure::Blind => true,
            ResolveFailure::Silence(silence) => silence.is_own(),
            _ => false,
        }
    }

    /// The error of the servers of `zone`.
    fn at(self, zone: &Name) -> Self {
        match self.failure {
            ResolveFailure::Silence(_) | ResolveFailure::NoServers if zone.is_root() => {
                Self { failure: ResolveFailure::Blind, who: self.who }
            }
            _ => self,
        }
    }
}

impl Resolver {
    /// Resolves from these roots on.
    pub const fn new(roots: Roots, courtesy: Courtesy) -> Self {
        Self { roots, courtesy }
    }

    /// The addresses of `name`.
    pub async fn resolve(&self, name: &str) -> Resolved {
        let begun = Instant::now();
        let mut walk = Walk {
            roots: &self.roots,
            courtesy: &self.courtesy,
            deadline: begun + ALL_PATIENCE,
            asked: 0,
            sought: absolute(name),
            told_above: Vec::new(),
        };
        let addresses = match walk.sought.clone() {
            Some(name) => walk.addresses(&name).await,
            None => Err(ResolveError { failure: ResolveFailure::NotAName, who: None }),
        };
        let (asked, told_above) = (walk.asked, walk.told_above);
        Resolved { addresses, told_above, asked, took: begun.elapsed() }
    }

    /// The port of name servers.
    pub(super) const fn port(&self) -> u16 {
        self.roots.port
    }

    /// Who may be asked.
    pub(crate) const fn courtesy(&self) -> &Courtesy {
        &self.courtesy
    }
}

/// A name that ends at the root. Names in other scripts take their form on the wire (IDNA).
pub(super) fn absolute(text: &str) -> Option<Name> {
    let mut name = Name::from_utf8(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}
