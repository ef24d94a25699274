//! What a run's README says, in plain words.

use std::fmt::Write;

use falter_model::Timestamp;

use crate::country::Country;
use crate::truth::{NO_CAUSE, Truth};

/// The text; `span` is that of the recording.
pub(super) fn text(truth: &Truth, country: &Country, span: (Timestamp, Timestamp)) -> String {
    let mut text = format!(
        "# {}: {}\n\nA re-enactment in network namespaces: real routers, name servers and web servers, but no packet of it ever \
         crossed the Internet, and its dates are made up. A second of the run is {} s here; round trips are as they were. It concerns: {}.\n\n",
        truth.fault, truth.implementation, truth.time_scale, truth.extent
    );
    let cause = match truth.cause.as_str() {
        NO_CAUSE => "Nothing of the country itself failed.".to_owned(),
        cause => format!("The cause is {cause}."),
    };
    let out = match (&truth.from, &truth.until) {
        (None, _) => "No layer was even partly out for the world.".to_owned(),
        (Some(from), None) => format!("Out from {} on, to the end.", from.first_bad),
        (Some(from), Some(until)) => {
            format!("Out from {} to {}.", from.first_bad, until.first_good)
        }
    };
    let _infallible = writeln!(text, "{cause} {out}\n\n| UTC | |\n|---|---|");
    let _infallible = writeln!(text, "| {} | the recording begins, all is well |", span.0);
    for done in &truth.action {
        let _infallible = writeln!(text, "| {} | {} |", done.at, done.what);
    }
    let _infallible = writeln!(text, "| {} | the recording ends |", span.1);
    text.push_str("\nStates of the layers, as independent tools saw them:\n\n");
    for layer in &truth.layer {
        let states: Vec<String> =
            layer.states.iter().map(|state| format!("{} from {}", state.state, state.at)).collect();
        let _infallible = writeln!(text, "- {}: {}", layer.name, states.join(", "));
    }
    text.push_str(&files(country));
    text
}

fn files(country: &Country) -> String {
    format!(
        "\n| file | what |\n|---|---|\n\
         | `collector/rib.mrt.gz`, `updates.mrt.gz` | what six peers told a collector (BIRD); hold time {} s in the run |\n\
         | `station.bmp.gz` | what three of them told another (gobgpd), as BMP messages one after the other |\n\
         | `observations.jsonl.zst` | what observers outside and inside saw with fping, dig and curl |\n\
         | `darknet.pcap.gz` | what arrived at addresses that nobody has |\n\
         | `observer1.pcap.gz` | all packets of an observer, the first 128 octets of each |\n\
         | `network.toml` | the profile with which it is replayed |\n\
         | `truth.toml` | what was done and what state that left each layer in |\n\n\
         Replay it:\n\n    falter replay collector observations.jsonl.zst --network network.toml\n",
        country.hold_time_s
    )
}
