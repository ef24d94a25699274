//! The faults: what each is, how it comes about, what can be set.

use crate::faults::{ALL, Fall, Fault, Implementation, Layers, Parameter};

/// The faults as a section of the documentation.
pub(super) fn section() -> String {
    let mut lines = vec![
        "## The faults".to_owned(),
        String::new(),
        "What is not said on the command line is drawn from the seed, so one seed is one story. Under \"falls\" stands how"
            .to_owned(),
        "far each layer falls at its worst, as it truly is.".to_owned(),
    ];
    for fault in ALL {
        lines.extend([String::new(), format!("### {}: {}", fault.name, fault.says), String::new()]);
        lines
            .push("| implementation | what happens | falls | parameters (drawn from) |".to_owned());
        lines.push("|---|---|---|---|".to_owned());
        lines.extend(fault.implementations.iter().map(row));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn row(implementation: &Implementation) -> String {
    let parameters: Vec<String> = implementation.parameters.iter().map(parameter).collect();
    format!(
        "| {} | {} | {} | {} |",
        implementation.name,
        implementation.says,
        falls(implementation.worst),
        parameters.join("; ")
    )
}

/// `lasts_s`: until there is power again (10 to 20).
fn parameter(parameter: &Parameter) -> String {
    let (low, high) = parameter.usual;
    format!("`{}`: {} ({low} to {high})", parameter.name, parameter.says)
}

/// The layers that fall, with how far.
fn falls(layers: Layers) -> String {
    let named = [
        ("routes", layers.routes),
        ("hosts", layers.hosts),
        ("names", layers.names),
        ("sites", layers.sites),
        ("inside", layers.inside),
    ];
    let fallen: Vec<String> = named
        .iter()
        .filter_map(|(name, fall)| {
            let how = match fall {
                Fall::None => return None,
                Fall::Degraded => "degraded",
                Fall::Partial => "partly",
                Fall::Complete => "all",
            };
            Some(format!("{name} {how}"))
        })
        .collect();
    if fallen.is_empty() { "nothing".to_owned() } else { fallen.join(", ") }
}

/// The faults as text for a terminal.
pub fn text() -> String {
    ALL.iter().map(|fault| of_one(fault)).collect::<Vec<_>>().join("\n")
}

fn of_one(fault: &Fault) -> String {
    let mut lines = vec![format!("{}: {}", fault.name, fault.says)];
    for implementation in fault.implementations {
        lines.push(format!("  {}:{}", fault.name, implementation.name));
        lines.push(format!(
            "      {}; falls: {}",
            implementation.says,
            falls(implementation.worst)
        ));
        for parameter in implementation.parameters {
            let (low, high) = parameter.usual;
            lines.push(format!(
                "      --set {}=...  {} to {}, drawn from {low} to {high}: {}",
                parameter.name, parameter.least, parameter.most, parameter.says
            ));
        }
    }
    lines.join("\n") + "\n"
}
