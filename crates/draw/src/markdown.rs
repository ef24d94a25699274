//! One outage as Markdown, for a notebook, an issue or a page.

use falter_model::{Outage, Verdict};

use crate::escape::markdown;
use crate::numbers::{percent, signed};
use crate::page::Page;
use crate::words::{self, Weighed};
use crate::{Ground, Picture, moments};

/// The outage as a Markdown document (`CommonMark` with the tables of GitHub). Text from outside is
/// escaped; it holds no HTML and no links.
pub fn report_markdown(picture: &Picture<'_>) -> String {
    let outage = picture.outage;
    let mut page = Page::default();
    let nature = picture.provenance.nature;
    page.add(format_args!("# {}\n\n", markdown(&words::headline(outage, picture.title, nature))));
    if let Some(warning) = nature.warning() {
        page.add(format_args!("**{}**\n\n", markdown(&warning)));
    }
    for (label, fact) in words::facts(outage, picture.time_zone) {
        page.add(format_args!("- **{label}**: {}\n", markdown(&fact)));
    }
    order(&mut page, outage);
    parts(&mut page, outage);
    if let Some(verdict) = &outage.verdict {
        judgement(&mut page, verdict);
    }
    if !picture.blind.is_empty() {
        page.add(format_args!("\n## When we could not tell\n\n"));
        for blind in picture.blind {
            let times = moments::between(blind.from, blind.until);
            let line = format!("{}: between {times} UTC, {}", blind.vantage, blind.why);
            page.add(format_args!("- {}\n", markdown(&line)));
        }
    }
    grounds(&mut page, picture.provenance.grounds);
    page.finish()
}

fn order(page: &mut Page, outage: &Outage) {
    if outage.order.is_empty() {
        return;
    }
    page.add(format_args!(
        "\n## Order of failure\n\n| | signal | of | first bad (UTC) | back (UTC) | lost |\n"
    ));
    page.add(format_args!("|---:|---|---|---|---|---:|\n"));
    for step in &outage.order {
        let until = step.until.map_or("going on".to_owned(), |end| moments::short(end.first_good));
        let lost = step.lost_share.map_or_else(String::new, |share| percent(share.get()));
        page.add(format_args!(
            "| {} | {} | {} | {} | {until} | {lost} |\n",
            step.rank,
            markdown(step.signal.as_str()),
            markdown(&step.entity.to_string()),
            moments::short(step.from.first_bad),
        ));
    }
}

fn parts(page: &mut Page, outage: &Outage) {
    if outage.parts.is_empty() {
        return;
    }
    page.add(format_args!(
        "\n## Parts that were out\n\n| part | state | first bad (UTC) | back (UTC) | lost |\n"
    ));
    page.add(format_args!("|---|---|---|---|---|\n"));
    for part in words::parts_by_loss(outage) {
        let until = part.until.map_or("going on".to_owned(), |end| moments::short(end.first_good));
        page.add(format_args!(
            "| {} | {} | {} | {until} | {} |\n",
            markdown(&part.entity.to_string()),
            part.state,
            moments::short(part.from.first_bad),
            part.lost_share.as_ref().map_or_else(String::new, words::lost),
        ));
    }
}

fn judgement(page: &mut Page, verdict: &Verdict) {
    page.add(format_args!(
        "\n## Cause\n\n| cause | probability | before the evidence |\n|---|---:|---:|\n"
    ));
    for share in &verdict.causes {
        page.add(format_args!(
            "| {} | {} | {} |\n",
            words::cause(share.cause),
            percent(share.probability.get()),
            percent(share.prior.get())
        ));
    }
    let (pro, con) = words::weighed(verdict);
    let first = verdict.causes.first().map_or("the first", |first| words::a_cause(first.cause));
    reasons(page, &format!("For {first}"), &pro);
    reasons(page, &format!("Against {first}"), &con);
    for (label, text) in
        [("Would settle it", &verdict.would_settle), ("Could not be seen", &verdict.could_not_see)]
    {
        if !text.is_empty() {
            page.add(format_args!("\n**{label}**: {}\n", markdown(text)));
        }
    }
}

fn reasons(page: &mut Page, heading: &str, reasons: &[Weighed<'_>]) {
    if reasons.is_empty() {
        return;
    }
    page.add(format_args!("\n### {heading}\n\n"));
    for reason in reasons {
        let evidence = reason.evidence;
        page.add(format_args!(
            "- **{}** {} ({})\n",
            signed(reason.weight),
            markdown(&evidence.says),
            markdown(&evidence.id)
        ));
    }
}

fn grounds(page: &mut Page, grounds: &[Ground]) {
    if grounds.is_empty() {
        return;
    }
    page.add(format_args!("\n## What it rests on\n\n| what | digest |\n|---|---|\n"));
    for ground in grounds {
        let (what, digest) = (markdown(&ground.what), markdown(ground.digest()));
        page.add(format_args!("| {what} | {digest} |\n"));
    }
}
