//! An outage in a line.

use falter_model::Outage;

/// `ug-20210113T200000Z  partial  2021-01-13 20:00 - 2021-01-18 14:00  39 % of prefixes  shutdown 61 %`
pub(crate) fn line(outage: &Outage) -> String {
    let until =
        outage.until.map_or_else(|| "going on".to_owned(), |end| end.first_good.to_string());
    let lost = outage
        .lost_share
        .map_or_else(String::new, |lost| format!("{} of {}", lost.value, lost.basis.words()));
    let verdict = outage.verdict.as_ref().map_or_else(String::new, |verdict| {
        let best = verdict.causes.first().map_or("", |best| best.cause.as_str());
        match verdict.cause {
            falter_model::Call::Decided(cause) => format!("{cause} ({})", verdict.probability),
            falter_model::Call::Undetermined => format!("undetermined (first: {best})"),
        }
    });
    format!(
        "{:<28}  {:<12}  {} – {:<20}  {:<22}  {verdict}",
        outage.id.0,
        outage.state.as_str(),
        outage.from.first_bad,
        until,
        lost
    )
    .trim_end()
    .to_owned()
}
