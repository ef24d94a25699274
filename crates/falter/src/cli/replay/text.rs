//! What a person reads of a replay: what was looked at, then outage by outage.

use falter_draw::Provenance;
use falter_model::{Outage, Span, Timestamp};

use super::super::{Global, kept, report};
use super::{Document, Failure, Found, Output};
use crate::outage_line;

/// Prints the whole of it.
pub(super) fn print(
    document: &Document,
    found: Option<&Found>,
    global: &Global,
    output: &mut Output,
) -> Result<(), Failure> {
    let whole = found.map(|found| found.profile.entity());
    // A network's own outages come first; those of its parts alone are told in one line each.
    let (own, parts): (Vec<&Outage>, Vec<&Outage>) = document
        .outages
        .iter()
        .partition(|outage| whole.as_ref().is_none_or(|whole| outage.entity == *whole));
    output.line(&headline(document, found, &own))?;
    let nature = kept::nature(Some(document.synthetic), document.time_scale);
    let provenance = Provenance { nature, grounds: &[] };
    for outage in own.iter().take(MOST) {
        let title = match found {
            Some(found) if whole.as_ref() == Some(&outage.entity) => {
                found.profile.title.to_string()
            }
            _ => report::title(&outage.entity, global),
        };
        output.line("")?;
        let (width, style) = (Output::width(), Output::style());
        output.line(&falter_draw::outage_text(outage, &title, &provenance, width, style))?;
    }
    if own.len() > MOST {
        output.line(&format!("\n{} more outages: --json has them all", own.len() - MOST))?;
    }
    if !parts.is_empty() {
        output.line("\nParts that were out while the whole was not:")?;
        for outage in parts.iter().take(MOST) {
            output.line(&format!("  {}", outage_line::line(outage)))?;
        }
        if parts.len() > MOST {
            output.line(&format!("  and {} more: --json has them all", parts.len() - MOST))?;
        }
    }
    Ok(())
}

/// More than this many outages are not read by anybody on a terminal.
const MOST: usize = 40;

/// `North Korea, 2026-03-02 13:58 to 17:10 UTC: one outage.`
fn headline(document: &Document, found: Option<&Found>, own: &[&Outage]) -> String {
    let who = found.map_or_else(
        || "All that the input names".to_owned(),
        |found| found.profile.title.to_string(),
    );
    let when = match (document.from, document.until) {
        (Some(from), Some(until)) => format!(", {from} to {until}"),
        _ => String::new(),
    };
    let what = match own.len() {
        0 => "no outage".to_owned(),
        1 => "one outage".to_owned(),
        n => format!("{n} outages"),
    };
    let real = if document.synthetic { " (a re-enactment, not measured in the world)" } else { "" };
    format!("{who}{when}{real}: {what}{}", blind(document))
}

/// How much of the time nobody could tell, where it matters.
fn blind(document: &Document) -> String {
    let (Some(from), Some(until)) = (document.from, document.until) else { return String::new() };
    let total = until - from;
    let mut spans: Vec<(Timestamp, Timestamp)> =
        document.blind.iter().map(|blind| (blind.from.max(from), blind.until.min(until))).collect();
    spans.sort_unstable();
    let (mut sum, mut seen) = (Span::ZERO, from);
    for (start, end) in spans {
        if end > seen {
            sum = sum + (end - start.max(seen));
            seen = end;
        }
    }
    if sum == Span::ZERO || total <= Span::ZERO {
        return String::new();
    }
    format!(
        "; some observer was blind {:.0} % of the time",
        100.0 * sum.as_seconds() / total.as_seconds()
    )
}
