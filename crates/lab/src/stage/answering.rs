//! How addresses answer: each with its availability and its limit, and what drops in their way.

use std::fmt::Write;

use anyhow::Result;

use super::namespaces::Ns;
use crate::country::{Node, Role};

/// The table of the filter that makes addresses answer as planned.
pub(super) const TABLE: &str = "answering";

/// Makes the addresses of a node answer as planned.
pub(super) fn set_up(node: &Node) -> Result<()> {
    let rules = rules(node);
    if rules.is_empty() {
        return Ok(());
    }
    Ns::named(&node.name).feed("nft", &["-f", "-"], &rules).map(drop)
}

/// The node's own packet filter, empty where everything answers always.
fn rules(node: &Node) -> String {
    let mut lines = String::new();
    for address in &node.addresses {
        let ip = address.ip;
        if address.availability < 1000 {
            _ = writeln!(
                lines,
                "ip daddr {ip} icmp type echo-request numgen random mod 1000 >= {} drop",
                address.availability
            );
        }
        if address.replies_per_second > 0 {
            _ = writeln!(
                lines,
                "ip daddr {ip} icmp type echo-request limit rate over {}/second burst {} packets drop",
                address.replies_per_second, address.replies_per_second
            );
        }
    }
    if matches!(&node.role, Role::Machine(machine) if machine.intranet) {
        // What the world sends here never arrives.
        lines.push_str("ip saddr != { 10.0.0.0/8, 100.64.0.0/10, 175.45.176.0/22 } drop\n");
    }
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "table inet answering {{ chain in {{ type filter hook input priority 0;\n{lines}}}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::{Country, Size};

    #[test]
    fn only_what_does_not_always_answer_is_filtered() {
        let country = Country::new(&Size::default());
        let of = |name: &str| rules(country.node(name).unwrap());
        assert_eq!(of("far1"), "");
        assert!(of("host2").contains(
            "ip daddr 175.45.178.139 icmp type echo-request numgen random mod 1000 >= 500 drop"
        ));
        assert!(!of("host2").contains("178.161"));
        assert!(of("host1").contains("limit rate over 5/second"));
    }
}
