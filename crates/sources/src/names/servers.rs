//! Where the servers of a zone are: a profile names them, and the way down from the root finds them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::Text;

/// Addresses of servers, remembered: a parent that is dead does not hide a server that lives.
#[derive(Debug, Default)]
pub(super) struct Servers {
    known: BTreeMap<Text, Vec<IpAddr>>,
}

impl Servers {
    /// The addresses of a server; none where it was never found.
    pub(super) fn addresses(&self, server: &str) -> Vec<IpAddr> {
        match server.parse() {
            Ok(address) => vec![address],
            Err(_) => self.known.get(server).cloned().unwrap_or_default(),
        }
    }

    /// What a resolution found. A failure changes nothing.
    pub(super) fn learn(&mut self, server: Text, found: Option<Vec<IpAddr>>) {
        if let Some(addresses) = found.filter(|addresses| !addresses.is_empty()) {
            self.known.insert(server, addresses);
        }
    }

    /// Whether it is a name that must be resolved.
    pub(super) fn is_name(server: &str) -> bool {
        server.parse::<IpAddr>().is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_parent_does_not_hide_a_server() {
        let mut servers = Servers::default();
        assert!(servers.addresses("ns1.kptc.kp").is_empty());
        servers.learn("ns1.kptc.kp".into(), Some(vec![[10, 0, 0, 1].into()]));
        servers.learn("ns1.kptc.kp".into(), None);
        servers.learn("ns1.kptc.kp".into(), Some(vec![]));
        assert_eq!(servers.addresses("ns1.kptc.kp"), [IpAddr::from([10, 0, 0, 1])]);
        assert_eq!(servers.addresses("192.0.2.9"), [IpAddr::from([192, 0, 2, 9])]);
        assert!(!Servers::is_name("2001:db8::1"));
    }
}
