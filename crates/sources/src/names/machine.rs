//! The resolver that the machine asks otherwise. It remembers: what it says may be as old as a record's
//! TTL (five days in some zones), so it is a comparison and no measure of the network.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use falter_model::{Text, Transport};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};

use super::exchange;
use super::question::{Question, Recursion, rcode};
use super::resolver::{ResolveError, ResolveFailure, absolute};

/// What stubs wait (resolv.conf(5)).
const PATIENCE: Duration = Duration::from_secs(5);
/// As many as stubs ask (resolv.conf(5)).
const MOST_SERVERS: usize = 3;

/// The machine's resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineResolver {
    servers: Vec<SocketAddr>,
}

impl MachineResolver {
    /// The one at these addresses; `None` for none.
    pub fn at(servers: Vec<SocketAddr>) -> Option<Self> {
        (!servers.is_empty()).then_some(Self { servers })
    }

    /// The one that the text of a `resolv.conf` names.
    pub fn from_resolv_conf(text: &str) -> Option<Self> {
        let servers = text.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let address = (words.next() == Some("nameserver")).then(|| words.next()).flatten()?;
            Some(SocketAddr::new(address.parse().ok()?, 53))
        });
        Self::at(servers.take(MOST_SERVERS).collect())
    }

    /// What it says of a name.
    pub async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        let Some(absolute) = absolute(name) else {
            return Err(ResolveError { failure: ResolveFailure::NotAName, who: None });
        };
        let mut last = ResolveError { failure: ResolveFailure::NoServers, who: None };
        for server in &self.servers {
            let who: Text = server.ip().to_string().as_str().into();
            let question = Question::new(absolute.clone(), RecordType::A, Recursion::Desired);
            let failure = match exchange::ask(&question, *server, Transport::Udp, PATIENCE)
                .await
                .answer
            {
                Err(silence) => silence.into(),
                Ok((message, _)) if message.metadata.response_code == ResponseCode::NoError => {
                    let addresses = message.answers.iter().filter_map(|record| match record.data {
                        RData::A(address) => Some(address.0.into()),
                        _ => None,
                    });
                    let addresses: Vec<IpAddr> = addresses.collect();
                    if !addresses.is_empty() {
                        return Ok(addresses);
                    }
                    ResolveFailure::NoAddress
                }
                Ok((message, _)) => ResolveFailure::Rcode(rcode(message.metadata.response_code)),
            };
            last = ResolveError { failure, who: Some(who) };
        }
        Err(last)
    }
}

/// What the machine's resolver says, in a word, beside what the way down from the root gave.
pub fn compare(
    own: &Result<Vec<IpAddr>, ResolveError>,
    machine: &Result<Vec<IpAddr>, ResolveError>,
) -> Text {
    match (own, machine) {
        (Ok(own), Ok(machine)) if machine.iter().any(|address| own.contains(address)) => {
            "same".into()
        }
        (Ok(_), Ok(_)) => "other addresses".into(),
        (Err(_), Ok(_)) => "answers".into(),
        (_, Err(error)) => error.to_string().as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read() {
        let text = "# by hand\nnameserver 192.0.2.1\nsearch kp\nnameserver ::1\nnameserver x\n";
        let expected = ["192.0.2.1:53", "[::1]:53"].map(|server| server.parse().unwrap());
        let found = MachineResolver::from_resolv_conf(text).unwrap();
        assert_eq!(found.servers, expected);
        assert_eq!(MachineResolver::from_resolv_conf("search kp\n"), None);
    }

    #[test]
    fn two_ways_are_compared() {
        let addresses = |last: &[u8]| -> Result<Vec<IpAddr>, ResolveError> {
            Ok(last.iter().map(|last| [10, 0, 0, *last].into()).collect())
        };
        let failed =
            || Err(ResolveError { failure: ResolveFailure::Rcode("SERVFAIL".into()), who: None });
        let check = |own, machine, expected: &str| assert_eq!(&*compare(&own, &machine), expected);
        check(addresses(&[1, 2]), addresses(&[2]), "same");
        check(addresses(&[1]), addresses(&[2]), "other addresses");
        check(failed(), addresses(&[2]), "answers");
        check(addresses(&[1]), failed(), "SERVFAIL");
    }
}
