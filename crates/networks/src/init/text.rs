//! The TOML of a new profile, with a comment on where each fact is from.

use falter_model::Family;

use super::{AsFacts, Extent, Facts, Sources};

/// More prefixes than a person would read or keep up to date: then the ASes speak for themselves.
const PREFIXES_LISTED: usize = 512;

/// The whole text.
pub(super) fn write(facts: &Facts, sources: &Sources) -> String {
    let mut lines = Vec::new();
    write_head(&mut lines, facts, sources);
    write_time_zone(&mut lines, facts);
    write_asns(&mut lines, facts);
    write_prefixes(&mut lines, facts);
    write_transits(&mut lines, facts);
    write_controls(&mut lines);
    lines.push(String::new());
    lines.join("\n")
}

fn write_head(lines: &mut Vec<String>, facts: &Facts, sources: &Sources) {
    say(lines, "# Written by `falter network init`, to be checked and completed by a person.");
    say(lines, &format!("# Routes: {}.", one_line(&sources.routes)));
    if let Some(addresses) = &sources.addresses {
        say(lines, &format!("# Countries of addresses: {}.", one_line(addresses)));
    }
    say(
        lines,
        "# The AS and the prefix decide what belongs to the network, not a country table: such tables\n\
         # disagree about small networks, and some addresses are in a country on paper only.\n",
    );
    say(lines, &format!("name = {}", quoted(&facts.name)));
    say(lines, &format!("title = {}", quoted(&facts.title)));
    say(lines, &format!("aliases = [{}]", quoted(&facts.alias)));
}

fn write_time_zone(lines: &mut Vec<String>, facts: &Facts) {
    match (facts.country, facts.time_zones.as_slice()) {
        (Some(country), [zone]) => {
            say(lines, &format!("\n# The one zone of {country} (tz database)."));
            say(lines, &format!("time_zone = {}", quoted(zone)));
        }
        (Some(country), [first, ..]) => {
            let n_zones = facts.time_zones.len();
            say(
                lines,
                &format!("\n# {country} has {n_zones} zones (tz database): set the network's,"),
            );
            say(
                lines,
                "# if it has one. Without it, what the local hour says about the cause is withheld.",
            );
            say(lines, &format!("# time_zone = {}", quoted(first)));
        }
        _ => {
            say(
                lines,
                "\n# Not known. Without it, what the local hour says about the cause is withheld.",
            );
            say(lines, "# time_zone = \"UTC\"");
        }
    }
}

fn write_asns(lines: &mut Vec<String>, facts: &Facts) {
    let registered = facts.country.map_or_else(String::new, |country| {
        format!(", and how much of that is registered in {country}")
    });
    say(lines, &format!("\n# With what each announces{registered}."));
    let items = facts.ases.iter().map(|one| (one.asn.to_string(), Some(as_comment(one))));
    write_list(lines, "asns", items);
}

fn as_comment(one: &AsFacts) -> String {
    let Extent { family, announced, in_country } = one.extent;
    let unit = match family {
        Family::V4 => "addresses",
        Family::V6 => "blocks (/48)",
    };
    let n_prefixes = one.prefixes.len();
    let prefixes = if n_prefixes == 1 { "prefix" } else { "prefixes" };
    let share = in_country.map_or_else(String::new, |inside| {
        format!(", {:.0} % of them there", 100.0 * inside / announced)
    });
    format!("{n_prefixes} {prefixes}, {announced:.0} {unit}{share}")
}

fn write_prefixes(lines: &mut Vec<String>, facts: &Facts) {
    let n_prefixes = facts.prefixes.len();
    if n_prefixes > PREFIXES_LISTED {
        say(
            lines,
            &format!("\n# {n_prefixes} are too many to list: what its ASes originate is meant."),
        );
        say(lines, "prefixes = []");
        return;
    }
    say(lines, "\n# As these ASes announce them, joined where they adjoin.");
    let items = facts.prefixes.iter().map(|prefix| (prefix.to_string(), None));
    write_list(lines, "prefixes", items);
}

fn write_transits(lines: &mut Vec<String>, facts: &Facts) {
    say(
        lines,
        "\n# The ASes directly before these in paths, with their share of paths; from 1 % on.",
    );
    let items = facts
        .transits
        .iter()
        .map(|transit| (transit.asn.to_string(), Some(format!("{:.1} %", 100.0 * transit.share))));
    write_list(lines, "transits", items);
}

fn write_controls(lines: &mut Vec<String>) {
    say(
        lines,
        "\n# To be named by you: addresses that share no path with the network and always answer, of\n\
         # three operators or more. Near ones share all but the last of the path.\n\
         [controls]\n\
         far = []\n\
         near = []",
    );
}

fn write_list(
    lines: &mut Vec<String>,
    key: &str,
    items: impl Iterator<Item = (String, Option<String>)>,
) {
    say(lines, &format!("{key} = ["));
    for (item, comment) in items {
        let comment = comment.map_or_else(String::new, |comment| format!(" # {comment}"));
        say(lines, &format!("    {},{comment}", quoted(&item)));
    }
    say(lines, "]");
}

fn say(lines: &mut Vec<String>, line: &str) {
    lines.push(line.to_owned());
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A file name may hold anything; a comment ends with its line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
