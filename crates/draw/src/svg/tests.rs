use super::*;
use crate::{Theme, sample};

fn svg(theme: Theme) -> String {
    let (outage, series, signals, blind) =
        (sample::outage(), sample::series(), sample::signals(), sample::blind());
    outage_svg(&Picture {
        outage: &outage,
        title: "North Korea",
        series: &series,
        signals: &signals,
        blind: &blind,
        time_zone: Some("Asia/Pyongyang"),
        theme,
    })
}

#[test]
fn the_picture_of_a_known_outage() {
    insta::assert_snapshot!(svg(Theme::Light));
}

#[test]
fn dark_ground_changes_colors_only() {
    let shapes = |svg: &str| {
        let document = roxmltree::Document::parse(svg).unwrap();
        document.descendants().filter(|node| node.is_element()).count()
    };
    let (light, dark) = (svg(Theme::Light), svg(Theme::Dark));
    assert_eq!(shapes(&light), shapes(&dark));
    assert!(dark.contains("#15181c") && !dark.contains("#ffffff"));
}
