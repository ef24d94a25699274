//! What an answer means to somebody who goes down from the root.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};

/// Aliases that are followed within one answer.
const MOST_ALIASES: usize = 8;
/// Servers of a zone that are kept, addresses of each too: the root has 13.
const MOST_SERVERS: usize = 16;

/// Where an answer leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The name has these addresses.
    Addresses(Vec<IpAddr>),
    /// The name is another name.
    Alias(Name),
    /// Ask the servers of a zone below.
    Down(Cut),
    /// The name has no address of this kind.
    NoAddress,
    /// There is no such name.
    NoName,
    /// The server failed, or would not.
    Failed(ResponseCode),
    /// The server does not speak for the zone that it was named for.
    Lame,
}

/// A delegation: the zone, and its servers with their addresses where the parent told them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) zone: Name,
    pub(super) servers: BTreeMap<Name, Vec<IpAddr>>,
}

/// Reads an answer of a server of `zone` to a question for `name`.
pub(super) fn read(message: &Message, zone: &Name, name: &Name, kind: RecordType) -> Step {
    match message.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain if message.metadata.authoritative => return Step::NoName,
        ResponseCode::NXDomain => return Step::Lame,
        code => return Step::Failed(code),
    }
    if !message.metadata.authoritative {
        return cut(message, zone, name).map_or(Step::Lame, Step::Down);
    }
    let target = follow(message, zone, name);
    let addresses: Vec<IpAddr> = addresses(message, &target, kind).take(MOST_SERVERS).collect();
    if !addresses.is_empty() {
        Step::Addresses(addresses)
    } else if target != *name {
        Step::Alias(target)
    } else {
        // A few servers set the flag on delegations too.
        cut(message, zone, name).map_or(Step::NoAddress, Step::Down)
    }
}

/// The name at the end of the aliases, as far as the server speaks for them.
fn follow(message: &Message, zone: &Name, name: &Name) -> Name {
    let mut current = name.clone();
    for _ in 0..MOST_ALIASES {
        if !zone.zone_of(&current) {
            break;
        }
        let next = message.answers.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == current => Some(target.0.clone()),
            _ => None,
        });
        let Some(next) = next else { break };
        current = next;
    }
    current
}

fn addresses<'a>(
    message: &'a Message,
    name: &'a Name,
    kind: RecordType,
) -> impl Iterator<Item = IpAddr> + 'a {
    let all = message.answers.iter().chain(&message.additionals);
    all.filter(move |record| record.name == *name && record.record_type() == kind).filter_map(
        |record| match &record.data {
            RData::A(address) => Some(address.0.into()),
            RData::AAAA(address) => Some(address.0.into()),
            _ => None,
        },
    )
}

/// The delegation towards `name`: only ever further down. Addresses count only for servers below the
/// zone whose server told them; of others it can't know.
fn cut(message: &Message, zone: &Name, name: &Name) -> Option<Cut> {
    let mut found: Option<Cut> = None;
    for record in &message.authorities {
        let RData::NS(server) = &record.data else { continue };
        let is_below = zone.zone_of(&record.name) && record.name != *zone;
        if !is_below || !record.name.zone_of(name) {
            continue;
        }
        let cut = found
            .get_or_insert_with(|| Cut { zone: record.name.clone(), servers: BTreeMap::new() });
        if cut.zone == record.name && cut.servers.len() < MOST_SERVERS {
            cut.servers.insert(server.0.clone(), Vec::new());
        }
    }
    let mut cut = found?;
    for (server, told) in &mut cut.servers {
        if zone.zone_of(server) {
            let v4 = addresses(message, server, RecordType::A);
            told.extend(v4.chain(addresses(message, server, RecordType::AAAA)).take(MOST_SERVERS));
        }
    }
    Some(cut)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_proto::op::{MessageType, OpCode};
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::{A, CNAME, NS};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn a(owner: &str, address: [u8; 4]) -> Record {
        Record::from_rdata(name(owner), 60, RData::A(A(Ipv4Addr::from(address))))
    }

    fn ns(owner: &str, server: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::NS(NS(name(server))))
    }

    fn alias(owner: &str, target: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::CNAME(CNAME(name(target))))
    }

    fn check(aa: bool, answers: &[Record], authorities: &[Record], expected: &Step) {
        let mut message = Message::new(0, MessageType::Response, OpCode::Query);
        message.metadata.authoritative = aa;
        message.answers = answers.to_vec();
        message.authorities = authorities.to_vec();
        message.additionals = vec![a("ns1.kptc.kp.", [10, 0, 0, 1]), a("ns.other.", [6, 6, 6, 6])];
        let found = read(&message, &name("kp."), &name("www.example.kp."), RecordType::A);
        assert_eq!(found, *expected);
    }

    #[test]
    fn answers_count_from_whoever_speaks_for_the_zone() {
        let answer = [a("www.example.kp.", [10, 0, 0, 9])];
        check(true, &answer, &[], &Step::Addresses(vec![[10, 0, 0, 9].into()]));
        check(false, &answer, &[], &Step::Lame);
        check(true, &[a("www.other.kp.", [6, 6, 6, 6])], &[], &Step::NoAddress);
    }

    #[test]
    fn a_delegation_goes_down_and_brings_addresses_of_its_own_servers_alone() {
        let servers =
            [(name("ns1.kptc.kp."), vec![[10, 0, 0, 1].into()]), (name("ns.other."), vec![])];
        let down = Step::Down(Cut { zone: name("example.kp."), servers: servers.into() });
        let told = [ns("example.kp.", "ns1.kptc.kp."), ns("example.kp.", "ns.other.")];
        check(false, &[], &told, &down);
        for elsewhere in ["kp.", ".", "other.kp."] {
            check(false, &[], &[ns(elsewhere, "ns1.kptc.kp.")], &Step::Lame);
        }
    }

    #[test]
    fn aliases_are_followed_where_the_server_speaks_for_them() {
        let inside = [alias("www.example.kp.", "a.kp."), a("a.kp.", [10, 0, 0, 9])];
        check(true, &inside, &[], &Step::Addresses(vec![[10, 0, 0, 9].into()]));
        let outside = [alias("www.example.kp.", "a.other."), alias("a.other.", "b.kp.")];
        check(true, &outside, &[], &Step::Alias(name("a.other.")));
        let circle = [alias("www.example.kp.", "a.kp."), alias("a.kp.", "www.example.kp.")];
        check(true, &circle, &[], &Step::NoAddress);
    }
}
