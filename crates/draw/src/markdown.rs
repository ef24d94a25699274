//! One outage as Markdown, for a notebook, an issue or a page.

use falter_model::{Outage, Verdict};

use crate::escape::markdown;
use crate::numbers::{percent, signed};
use crate::words::{self, Weighed};
use crate::{Picture, moments};

/// The outage as a Markdown document (CommonMark with the tables of GitHub). Text from outside is
/// escaped; it holds no HTML and no links.
pub fn report_markdown(picture: &Picture<'_>) -> String {
    let outage = picture.outage;
    let mut page = String::new();
    page.push_str(&format!("# {}\n\n", markdown(&words::headline(outage, picture.title))));
    for (label, fact) in words::facts(outage, picture.time_zone) {
        page.push_str(&format!("- **{label}**: {}\n", markdown(&fact)));
    }
    order(&mut page, outage);
    parts(&mut page, outage);
    if let Some(verdict) = &outage.verdict {
        judgement(&mut page, verdict);
    }
    if !picture.blind.is_empty() {
        page.push_str("\n## When we could not tell\n\n");
        for blind in picture.blind {
            let times = moments::between(blind.from, blind.until);
            let line = format!("{}: between {times} UTC, {}", blind.vantage, blind.why);
            page.push_str(&format!("- {}\n", markdown(&line)));
        }
    }
    page
}

fn order(page: &mut String, outage: &Outage) {
    if outage.order.is_empty() {
        return;
    }
    page.push_str(
        "\n## Order of failure\n\n| | signal | of | first bad (UTC) | back (UTC) | lost |\n",
    );
    page.push_str("|---:|---|---|---|---|---:|\n");
    for step in &outage.order {
        let until = step.until.map_or("going on".to_owned(), |end| moments::short(end.first_good));
        let lost = step.lost_share.map_or_else(String::new, |share| percent(share.get()));
        page.push_str(&format!(
            "| {} | {} | {} | {} | {until} | {lost} |\n",
            step.rank,
            markdown(step.signal.as_str()),
            markdown(&step.entity.to_string()),
            moments::short(step.from.first_bad),
        ));
    }
}

fn parts(page: &mut String, outage: &Outage) {
    if outage.parts.is_empty() {
        return;
    }
    page.push_str(
        "\n## Parts that were out\n\n| part | state | first bad (UTC) | back (UTC) | lost |\n",
    );
    page.push_str("|---|---|---|---|---|\n");
    for part in words::parts_by_loss(outage) {
        let until = part.until.map_or("going on".to_owned(), |end| moments::short(end.first_good));
        page.push_str(&format!(
            "| {} | {} | {} | {until} | {} |\n",
            markdown(&part.entity.to_string()),
            part.state,
            moments::short(part.from.first_bad),
            part.lost_share.as_ref().map_or_else(String::new, words::lost),
        ));
    }
}

fn judgement(page: &mut String, verdict: &Verdict) {
    page.push_str("\n## Cause\n\n| cause | probability | before the evidence |\n|---|---:|---:|\n");
    for share in &verdict.causes {
        page.push_str(&format!(
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
            page.push_str(&format!("\n**{label}**: {}\n", markdown(text)));
        }
    }
}

fn reasons(page: &mut String, heading: &str, reasons: &[Weighed<'_>]) {
    if reasons.is_empty() {
        return;
    }
    page.push_str(&format!("\n### {heading}\n\n"));
    for reason in reasons {
        let evidence = reason.evidence;
        page.push_str(&format!(
            "- **{}** {} ({})\n",
            signed(reason.weight),
            markdown(&evidence.says),
            markdown(&evidence.id)
        ));
    }
}
