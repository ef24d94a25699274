//! Nothing at all, in the ways in which nothing looks like something.

use std::time::Duration;

use super::{Fault, Implementation, Layers, Parameter, Plot};

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "nothing",
    cause: None,
    says: "no fault at all",
    implementations: &[Implementation {
        name: "calm",
        says: "nothing happens",
        parameters: &[Parameter::seconds("lasts_s", "how long", (1.0, 40.0), (10.0, 25.0))],
        worst: Layers::UP,
        plot: |_, parameters, _| {
            let _lasts: Duration = parameters.seconds("lasts_s");
            Plot { extent: "nothing".to_owned(), steps: Vec::new() }
        },
    }],
};
