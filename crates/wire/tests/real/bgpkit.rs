//! The elems of bgpkit-parser.

use bgpkit_parser::models::MetaCommunity;
use bgpkit_parser::{BgpElem, BgpkitParser};
use falter_wire::mrt::{self, ElemChange, Told};

use super::archives::{archives, differences};

/// A deliberate difference, as docs/decisions/mrt-differences.md lists it: so many elems of an archive
/// only one of the two tells, and each is as `is` says. Nothing else may differ.
struct Difference {
    archive: &'static str,
    theirs: usize,
    ours: usize,
    is: fn(&str) -> bool,
}

const DIFFERENCES: &[Difference] = &[
    // Routes of multicast, told like those of unicast.
    Difference {
        archive: "bgpdump/test_data/updates.20070211.0141.gz",
        theirs: 151,
        ours: 0,
        is: |elem| elem.contains("|195.66.224.138|2914|"),
    },
    // The second prefix of the message is cut off: bgpkit-parser drops the first with it.
    Difference {
        archive: "bgpdump/test_data/updates.nlri_mask_trailing_bits.gz",
        theirs: 0,
        ours: 1,
        is: |elem| elem.contains("|12.0.1.63|7018|11.8.0.0/13|"),
    },
];

/// All that both tell of an elem. Of a table's entry the time and the path identifier are left out:
/// bgpkit-parser tells when the peer sent it, we tell when the table was written; and it tells no
/// identifiers in tables (those are held against bgpdump's).
fn theirs(elem: &BgpElem, is_table: bool) -> String {
    let time = if is_table { 0.0 } else { elem.timestamp };
    let path_id = elem.prefix.path_id.filter(|_| !is_table);
    let path_id = path_id.map(|id| id.to_string()).unwrap_or_default();
    let head = format!(
        "{time:.6}|{}|{}|{}|{path_id}",
        elem.peer_ip,
        elem.peer_asn.to_u32(),
        elem.prefix.prefix
    );
    if !elem.elem_type.is_announce() {
        return format!("{head}|W");
    }
    let mut communities = Vec::new();
    for community in elem.communities.iter().flatten() {
        match community {
            MetaCommunity::Plain(plain) => {
                communities.push(normal(&plain.to_string()));
            }
            MetaCommunity::Large(large) => communities.push({
                let [first, second] = large.local_data;
                format!("{}:{first}:{second}", large.global_admin)
            }),
            _ => {}
        }
    }
    format!(
        "{head}|A|{}|{}|{}|{}|{}|{}|{}|{}",
        elem.as_path.as_ref().map(ToString::to_string).unwrap_or_default(),
        elem.origin.map(|origin| origin.to_string()).unwrap_or_default(),
        elem.next_hop.map(|hop| hop.to_string()).unwrap_or_default(),
        elem.local_pref.unwrap_or(0),
        elem.med.unwrap_or(0),
        communities.join(" "),
        elem.atomic,
        elem.aggr_asn
            .zip(elem.aggr_ip)
            .map(|(asn, id)| format!("{} {id}", asn.to_u32()))
            .unwrap_or_default(),
    )
}

fn normal(community: &str) -> String {
    match community {
        "no-export" => "65535:65281".to_owned(),
        "no-advertise" => "65535:65282".to_owned(),
        "no-export-sub-confed" => "65535:65283".to_owned(),
        other => other.to_owned(),
    }
}

fn ours(elem: &mrt::Elem<'_>) -> String {
    let is_table = matches!(elem.change, ElemChange::Tabled(_));
    let time = if is_table { 0.0 } else { elem.at.micros() as f64 / 1e6 };
    let path_id = elem.path_id.filter(|_| !is_table);
    let path_id = path_id.map(|id| id.to_string()).unwrap_or_default();
    let head =
        format!("{time:.6}|{}|{}|{}|{path_id}", elem.peer.address, elem.peer.asn.0, elem.prefix);
    let Some(attributes) = elem.attributes() else { return format!("{head}|W") };
    let mut communities = Vec::new();
    for plain in attributes.communities() {
        communities.push(plain.to_string());
    }
    for large in attributes.large_communities() {
        communities.push(large.to_string());
    }
    format!(
        "{head}|A|{}|{}|{}|{}|{}|{}|{}|{}",
        attributes.as_path(),
        attributes.origin().map(|origin| origin.to_string()).unwrap_or_default(),
        elem.next_hop().map(|hop| hop.to_string()).unwrap_or_default(),
        attributes.local_pref().unwrap_or(0),
        attributes.med().unwrap_or(0),
        communities.join(" "),
        attributes.is_atomic_aggregate(),
        attributes.aggregator().map(|by| format!("{} {}", by.asn.0, by.id)).unwrap_or_default(),
    )
}

#[test]
fn elems_equal_those_of_bgpkit_parser() {
    let mut compared = 0;
    for archive in archives() {
        let is_table = |octets: &[u8]| matches!(octets.get(5), Some(12 | 13));
        let theirs: Vec<String> = BgpkitParser::from_reader(&archive.octets[..])
            .into_elem_iter()
            .map(|elem| theirs(&elem, is_table(&archive.octets)))
            .collect();
        let mut found = Vec::new();
        mrt::read(&archive.octets, |told| {
            if let Told::Elem(_, elem) = told {
                found.push(ours(&elem));
            }
        });
        compared += found.len();
        let (theirs, ours) = differences(&theirs, &found);
        let known = DIFFERENCES.iter().find(|known| known.archive == archive.name);
        let (n_theirs, n_ours) = known.map_or((0, 0), |known| (known.theirs, known.ours));
        let name = &archive.name;
        assert_eq!(theirs.len(), n_theirs, "{name}: only bgpkit-parser tells {:?}", theirs.first());
        assert_eq!(ours.len(), n_ours, "{name}: only we tell {:?}", ours.first());
        if let Some(known) = known {
            assert_eq!(theirs.iter().chain(&ours).find(|elem| !(known.is)(elem)), None, "{name}");
        }
    }
    assert!(compared == 0 || compared > 400_000, "{compared} elems in all");
}
