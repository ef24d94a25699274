use super::*;
use crate::{Provenance, Theme, sample};
use falter_model::{Call, Outage, Series};

fn svg(outage: &Outage, series: &[Series], theme: Theme) -> String {
    let (signals, blind) = (sample::signals(), sample::blind());
    outage_svg(&Picture {
        outage,
        title: "North Korea",
        provenance: Provenance { grounds: &sample::grounds(), ..Provenance::default() },
        series,
        signals: &signals,
        blind: &blind,
        time_zone: Some("Asia/Pyongyang"),
        theme,
    })
}

#[test]
fn the_picture_of_a_known_outage() {
    insta::assert_snapshot!(svg(&sample::outage(), &sample::series(), Theme::Light));
}

#[test]
fn the_picture_of_an_outage_that_goes_on_undetermined() {
    let mut outage = sample::outage();
    outage.until = None;
    outage.states.truncate(2);
    outage.states[1].until = None;
    outage.state = falter_model::State::Partial;
    outage.order.iter_mut().for_each(|step| step.until = None);
    outage.parts.iter_mut().for_each(|part| part.until = None);
    if let Some(verdict) = &mut outage.verdict {
        verdict.cause = Call::Undetermined;
    }
    let mut series = sample::series();
    let now = sample::at("2022-01-25T22:40Z");
    for one in &mut series {
        one.points.retain(|(at, _)| *at < now);
    }
    insta::assert_snapshot!(svg(&outage, &series, Theme::Dark));
}

#[test]
fn dark_ground_changes_colors_only() {
    let (outage, series) = (sample::outage(), sample::series());
    let shapes = |svg: &str| {
        let document = roxmltree::Document::parse(svg).unwrap();
        document.descendants().filter(roxmltree::Node::is_element).count()
    };
    let (light, dark) = (svg(&outage, &series, Theme::Light), svg(&outage, &series, Theme::Dark));
    assert_eq!(shapes(&light), shapes(&dark));
    assert!(dark.contains("#15181c") && !dark.contains("#ffffff"));
}
