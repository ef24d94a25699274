//! What a darknet received: answers to questions that nobody there asked, so the victim of a flood with
//! spoofed sources.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use falter_model::{Attack, Fact, Observation, Prefix, Text, Timestamp};

use crate::capture::pcap;

/// The protocols that are told, by their number.
const PROTOCOLS: [(u8, &str); 3] = [(1, "icmp"), (6, "tcp"), (17, "udp")];

/// Packets of one victim in one minute.
struct Burst {
    from: Timestamp,
    until: Timestamp,
    packets: u64,
    sources: BTreeSet<[u8; 2]>,
}

/// The attacks on victims within `prefixes` that a capture shows, by its own times: one a victim, protocol
/// and minute, so that an attack is known while it goes on.
pub fn attacks(capture: &[u8], prefixes: &[Prefix], vantage: &Text) -> Vec<Observation> {
    let mut bursts: BTreeMap<(i64, IpAddr, &str), Burst> = BTreeMap::new();
    for packet in pcap::read(capture) {
        let Some((victim, protocol, to)) = answered(packet.octets) else { continue };
        let host = Prefix::host(victim);
        if !prefixes.iter().any(|prefix| prefix.covers(host)) {
            continue;
        }
        let minute = packet.at.seconds().div_euclid(60);
        let burst = bursts.entry((minute, victim, protocol)).or_insert_with(|| Burst {
            from: packet.at,
            until: packet.at,
            packets: 0,
            sources: BTreeSet::new(),
        });
        burst.until = packet.at;
        burst.packets += 1;
        burst.sources.insert(to);
    }
    let told = |((_, victim, protocol), burst): ((i64, IpAddr, &str), Burst)| {
        let attack = Attack {
            vantage: vantage.clone(),
            victim,
            protocol: protocol.into(),
            packets: burst.packets,
            sources_16: u32::try_from(burst.sources.len()).ok(),
            max_ppm: Some(burst.packets),
            from: burst.from,
            until: burst.until,
        };
        // Known at its last packet.
        Observation { at: burst.until, fact: Fact::Attack(Box::new(attack)) }
    };
    bursts.into_iter().map(told).collect()
}

/// Who sent an answer, of which protocol, and to which /16. Questions are no answers: a TCP packet counts
/// with ACK or RST, an ICMP message if it is a reply or an error.
fn answered(packet: &[u8]) -> Option<(IpAddr, &'static str, [u8; 2])> {
    let header = usize::from(packet.first()? & 0x0F) * 4;
    let (_, protocol) = PROTOCOLS.iter().find(|(number, _)| packet.get(9) == Some(number))?;
    let source: [u8; 4] = packet.get(12..16)?.try_into().ok()?;
    let to: [u8; 2] = packet.get(16..18)?.try_into().ok()?;
    let payload = packet.get(header..)?;
    let answers = match *protocol {
        // RST or ACK (RFC 9293, section 3.1).
        "tcp" => payload.get(13)? & 0x14 != 0,
        // Not an echo request.
        "icmp" => *payload.first()? != 8,
        _ => true,
    };
    answers.then_some((source.into(), *protocol, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(source: [u8; 4], to: [u8; 4], flags: u8) -> Vec<u8> {
        let mut octets = vec![0; 40];
        octets[0] = 0x45;
        octets[9] = 6;
        octets[12..16].copy_from_slice(&source);
        octets[16..20].copy_from_slice(&to);
        octets[33] = flags;
        octets
    }

    #[test]
    fn answers_of_a_victim_are_an_attack_and_questions_are_none() {
        let mut capture = pcap::file_header().to_vec();
        let victim = [175, 45, 176, 81];
        for second in [0, 1, 59, 61, 600] {
            let octets = packet(victim, [198, 19, 3, 4], 0x12);
            pcap::push(&mut capture, Timestamp::from_seconds(second), &octets, 40);
        }
        for (source, flags) in [(victim, 0x02), ([198, 18, 1, 10], 0x12)] {
            pcap::push(
                &mut capture,
                Timestamp::from_seconds(601),
                &packet(source, [198, 19, 0, 1], flags),
                40,
            );
        }
        let prefixes = ["175.45.176.0/22".parse().unwrap()];
        let told: Vec<(u64, Option<u64>, i64)> = attacks(&capture, &prefixes, &"darknet".into())
            .into_iter()
            .map(|observation| {
                let Fact::Attack(attack) = observation.fact else { panic!("an attack") };
                (attack.packets, attack.max_ppm, attack.until.seconds())
            })
            .collect();
        assert_eq!(told, [(3, Some(3), 59), (1, Some(1), 61), (1, Some(1), 600)]);
    }
}
