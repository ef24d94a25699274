//! Where witnesses stand, and by which addresses they check themselves.

use std::net::Ipv4Addr;

use falter_model::{Asn, Place};

use crate::country::{Country, Node, Role};

/// Where a witness stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// The node, which is also its name as a vantage point.
    pub node: String,
    /// The AS that it sits in.
    pub asn: Asn,
    /// Which side of the border.
    pub place: Place,
}

/// All of them, in the order of the plan.
pub fn stands(country: &Country) -> Vec<Stand> {
    let stand = |node: &Node| match node.role {
        Role::Observer(place) => Some(Stand { node: node.name.clone(), asn: node.asn, place }),
        _ => None,
    };
    country.nodes.iter().filter_map(stand).collect()
}

/// Addresses that share no path with the country.
pub fn far_controls(country: &Country) -> Vec<Ipv4Addr> {
    country.nodes_that(|role| *role == Role::FarControl).filter_map(Node::address).collect()
}

/// Addresses that share all but the last of the path: the last hops before the border, and other customers
/// of the same transits.
pub fn near_controls(country: &Country) -> Vec<Ipv4Addr> {
    let is_near = |role: &Role| matches!(role, Role::Transit | Role::NearControl);
    country.nodes_that(is_near).filter_map(Node::address).collect()
}
