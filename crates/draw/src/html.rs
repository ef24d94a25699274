//! One outage as a page that needs nothing else: the picture inline, everything that was weighed
//! below it, no scripts, nothing loaded, fit to be printed.

use falter_model::{Outage, Verdict};

use crate::escape::xml;
use crate::numbers::{percent, signed};
use crate::page::Page;
use crate::words::{self, Weighed};
use crate::{Ground, Picture, Theme, moments, outage_svg};

/// Forbids scripts and everything from elsewhere, should anything slip through.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The outage as a self-contained HTML document. It is well-formed XML too.
pub fn report_html(picture: &Picture<'_>) -> String {
    let outage = picture.outage;
    let headline = xml(&words::headline(outage, picture.title, picture.provenance.nature));
    let mut page = Page::default();
    page.add(format_args!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{headline}</title>\n<style>\n{}{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <figure>\n{}</figure>\n",
        colors(picture.theme),
        outage_svg(picture)
    ));
    page.add(format_args!("<h2>In words</h2>\n"));
    if let Some(warning) = picture.provenance.nature.warning() {
        page.add(format_args!("<p><strong>{}</strong></p>\n", xml(&warning)));
    }
    page.add(format_args!("<dl>\n"));
    for (label, fact) in words::facts(outage, picture.time_zone) {
        page.add(format_args!("<dt>{label}</dt><dd>{}</dd>\n", xml(&fact)));
    }
    page.add(format_args!("</dl>\n"));
    order(&mut page, outage);
    parts(&mut page, outage);
    if let Some(verdict) = &outage.verdict {
        evidence(&mut page, verdict);
    }
    grounds(&mut page, picture.provenance.grounds);
    page.add(format_args!("</main>\n</body>\n</html>\n"));
    page.finish()
}

fn order(page: &mut Page, outage: &Outage) {
    if outage.order.is_empty() {
        return;
    }
    page.add(format_args!(
        "<h2>Order of failure</h2>\n<table>\n<thead><tr><th></th><th>Signal</th><th>Of</th>\
         <th>Last good</th><th>First bad</th><th>Back</th><th>Lost</th></tr></thead>\n<tbody>\n"
    ));
    for step in &outage.order {
        let cells = [
            step.rank.to_string(),
            step.signal.to_string(),
            step.entity.to_string(),
            step.from.last_good.map_or_else(String::new, moments::short),
            moments::short(step.from.first_bad),
            step.until.map_or("going on".to_owned(), |end| moments::short(end.first_good)),
            step.lost_share.map_or_else(String::new, |share| percent(share.get())),
        ];
        row(page, &cells);
    }
    page.add(format_args!("</tbody>\n</table>\n"));
}

fn parts(page: &mut Page, outage: &Outage) {
    if outage.parts.is_empty() {
        return;
    }
    page.add(format_args!(
        "<h2>Parts that were out</h2>\n<table>\n<thead><tr><th>Part</th><th>State</th>\
         <th>First bad</th><th>Back</th><th>Lost</th></tr></thead>\n<tbody>\n"
    ));
    for part in words::parts_by_loss(outage) {
        let cells = [
            part.entity.to_string(),
            part.state.to_string(),
            moments::short(part.from.first_bad),
            part.until.map_or("going on".to_owned(), |end| moments::short(end.first_good)),
            part.lost_share.as_ref().map_or_else(String::new, words::lost),
        ];
        row(page, &cells);
    }
    page.add(format_args!("</tbody>\n</table>\n"));
}

fn evidence(page: &mut Page, verdict: &Verdict) {
    let (pro, con) = words::weighed(verdict);
    if pro.is_empty() && con.is_empty() {
        return;
    }
    let first = verdict.causes.first().map_or("the first", |first| words::a_cause(first.cause));
    page.add(format_args!(
        "<h2>Everything that was weighed</h2>\n<p>Weights are natural log-odds towards {first}, \
         compared with the mean of all six causes.</p>\n<table>\n<thead><tr><th>Weight</th>\
         <th>Reason</th><th>Rule</th></tr></thead>\n<tbody>\n"
    ));
    for Weighed { evidence, weight } in pro.iter().chain(&con) {
        row(page, &[signed(*weight), evidence.says.clone(), evidence.id.clone()]);
    }
    page.add(format_args!("</tbody>\n</table>\n"));
}

fn grounds(page: &mut Page, grounds: &[Ground]) {
    if grounds.is_empty() {
        return;
    }
    page.add(format_args!(
        "<h2>What it rests on</h2>\n<table>\n<thead><tr><th>What</th><th>Digest</th></tr></thead>\n\
         <tbody>\n"
    ));
    for ground in grounds {
        row(page, &[ground.what.clone(), ground.digest().to_owned()]);
    }
    page.add(format_args!("</tbody>\n</table>\n"));
}

fn row(page: &mut Page, cells: &[String]) {
    page.add(format_args!("<tr>"));
    for cell in cells {
        page.add(format_args!("<td>{}</td>", xml(cell)));
    }
    page.add(format_args!("</tr>\n"));
}

fn colors(theme: Theme) -> &'static str {
    match theme {
        Theme::Light => {
            ":root { --ground: #fff; --ink: #1a1a1a; --faint: #5f6368; --grid: #dfe1e5 }\n"
        }
        Theme::Dark => {
            ":root { --ground: #15181c; --ink: #f1f3f4; --faint: #a9aeb4; --grid: #33383f }\n"
        }
    }
}

const STYLE: &str = "\
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.45 Helvetica, Arial, 'Liberation Sans', sans-serif }
main { max-width: 1000px; margin: 0 auto; padding: 0 0 3rem }
main > :not(figure) { margin-left: 36px; margin-right: 36px }
figure { margin: 0 }
figure svg { display: block; width: 100%; height: auto }
h2 { font-size: 18px; margin: 2rem 0 0.5rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.25rem }
dt { font-weight: bold }
dd { margin: 0 }
table { border-collapse: collapse; width: calc(100% - 72px) }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.9rem 0.3rem 0;
  border-bottom: 1px solid var(--grid); overflow-wrap: anywhere }
th { color: var(--faint); font-size: 13px }
@media print {
  body { background: none }
  h2, tr { break-inside: avoid }
  h2 { break-after: avoid }
}
";
