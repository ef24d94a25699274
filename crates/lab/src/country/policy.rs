//! Who tells whom which routes.

use super::plan::Role;

/// What a router tells a neighbor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// Nothing.
    Nothing,
    /// All that it has, the rest of the world's table included: a full feed.
    Everything,
    /// What leads to the lab's own networks, without the rest of the world's table.
    Reachable,
    /// Its own and its customers' routes: what a network tells peers and providers.
    OwnAndCustomers,
    /// A default route.
    Default,
}

/// What `from` tells `to`; `None` where the two hold no session.
pub const fn export(from: &Role, to: &Role) -> Option<Export> {
    use Role::{Collector, Edge, Gateway, Operator, Station, Table, Transit, World};
    let told = match (from, to) {
        (Edge | Operator, Gateway) | (Gateway, Transit) | (Transit, Transit | World) => {
            Export::OwnAndCustomers
        }
        (Gateway, Edge | Operator) | (Transit, Gateway) => Export::Default,
        (World, Transit | World) => Export::Reachable,
        (Table, World) | (World, Collector | Station) => Export::Everything,
        (World, Table) | (Collector | Station, World) => Export::Nothing,
        _ => return None,
    };
    Some(told)
}
