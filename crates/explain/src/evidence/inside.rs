//! Whether the network was up when asked from inside.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::scene::yes_or_no;
use super::{Finding, Scene};

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let up = scene.case.layers.inside_up?;
    let says = if up {
        "Up when asked from inside: only the way out was gone."
    } else {
        "Down when asked from inside: more than the way out was gone."
    };
    Some(Finding {
        id: "inside.up",
        group: Group::Inside,
        kind: Kind::Inside,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| yes_or_no(up, expects.inside_up)),
        says: says.to_owned(),
        observed: vec![("up", f64::from(u8::from(up)))],
    })
}
