//! Packet filters of what is broken: a table of nftables each, so that one can go without the others.

use std::fmt::Write;

use anyhow::Result;

use super::namespaces::Ns;
use crate::action::Dropped;

/// The table of a node without power.
pub(super) const DARK: &str = "dark";
/// The table of a rule that somebody set.
pub(super) const RULE: &str = "drops";

/// Nothing comes in and nothing goes out, before anything else looks at it.
pub(super) fn dark() -> String {
    "chain in { type filter hook prerouting priority -400; drop; }\n\
     chain out { type filter hook output priority -400; drop; }\n"
        .to_owned()
}

/// Nothing that comes in by a device is taken. Set at both ends of a cable, it carries nothing.
pub(super) fn hushed(device: &str) -> String {
    format!(
        "chain in {{ type filter hook prerouting priority -400; iifname \"{device}\" drop; }}\n"
    )
}

/// A share of what comes in by a device is not taken.
pub(super) fn lossy(device: &str, per_mille: u16) -> String {
    format!(
        "chain in {{ type filter hook prerouting priority -400; \
         iifname \"{device}\" numgen random mod 1000 < {per_mille} drop; }}\n"
    )
}

/// A rule that drops.
pub(super) fn rule(drops: &Dropped) -> String {
    let mut text = String::new();
    match drops {
        Dropped::Border { neighbors, remainder } => {
            let listed: Vec<String> = remainder.iter().map(ToString::to_string).collect();
            let but = |side: &str| {
                if listed.is_empty() {
                    String::new()
                } else {
                    format!(" ip {side} != {{ {} }}", listed.join(", "))
                }
            };
            let (towards, from) = (but("daddr"), but("saddr"));
            // Routers' own packets are not forwarded: sessions stay.
            text.push_str("chain through { type filter hook forward priority 0;\n");
            for neighbor in neighbors {
                _ = writeln!(text, "iifname \"to-{neighbor}\"{towards} drop");
                _ = writeln!(text, "oifname \"to-{neighbor}\"{from} drop");
            }
            text.push_str("}\n");
        }
        Dropped::Everything => both(&mut text, "tcp dport 179 accept\ntcp sport 179 accept\ndrop"),
        Dropped::Echo => both(&mut text, "icmp type echo-request drop"),
        Dropped::Share(per_mille) => {
            both(&mut text, &format!("numgen random mod 1000 < {per_mille} drop"));
        }
    }
    text
}

/// The same for what arrives and for what passes.
fn both(text: &mut String, rules: &str) {
    for hook in ["input", "forward"] {
        _ = writeln!(text, "chain {hook}_here {{ type filter hook {hook} priority 0;\n{rules}\n}}");
    }
}

/// Sets a table, in place of one of that name.
pub(super) fn put(ns: &Ns, table: &str, chains: &str) -> Result<()> {
    let text = format!("{}table inet {table} {{\n{chains}}}\n", without(table));
    ns.feed("nft", &["-f", "-"], &text).map(drop)
}

/// Takes a table away; one that is not there is no failure.
pub(super) fn take(ns: &Ns, table: &str) -> Result<()> {
    ns.feed("nft", &["-f", "-"], &without(table)).map(drop)
}

fn without(table: &str) -> String {
    format!("add table inet {table}\ndelete table inet {table}\n")
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_border_leaves_the_remainder_and_the_sessions() {
        let border =
            |remainder| rule(&Dropped::Border { neighbors: vec!["unicom".to_owned()], remainder });
        assert!(border(Vec::new()).contains("iifname \"to-unicom\" drop"));
        let text = border(vec![Ipv4Addr::new(175, 45, 176, 10)]);
        assert!(text.contains("iifname \"to-unicom\" ip daddr != { 175.45.176.10 } drop"));
        assert!(text.contains("oifname \"to-unicom\" ip saddr != { 175.45.176.10 } drop"));
        assert!(!text.contains("hook input"));
    }

    #[test]
    fn a_firewall_mistake_leaves_bgp() {
        let text = rule(&Dropped::Everything);
        assert_eq!(text.matches("tcp dport 179 accept").count(), 2);
    }
}
