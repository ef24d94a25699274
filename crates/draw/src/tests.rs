//! Any outage whatever gives pictures and pages that hold together.

use std::collections::BTreeMap;

use falter_model::{
    Basis, Blind, Call, Cause, CauseShare, End, Entity, LostShare, Onset, OrderStep, Outage,
    OutageId, Part, Probability, Series, SignalId, Span, State, StateSpan, Step, Timestamp,
    Verdict,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::{Ground, Nature, Picture, Provenance, TextStyle, Theme, sample};
use crate::{outage_svg, outage_text, report_html, report_markdown};

fn picture<'a>(outage: &'a Outage, title: &'a str, series: &'a [Series]) -> Picture<'a> {
    Picture {
        outage,
        title,
        provenance: Provenance::default(),
        series,
        signals: &[],
        blind: &[],
        time_zone: Some("Asia/Pyongyang"),
        theme: Theme::Light,
    }
}

/// Well-formed, without numbers that are none; the document for a closer look.
fn check(svg: &str) {
    let document = roxmltree::Document::parse(svg).unwrap();
    for node in document.descendants() {
        for attribute in node.attributes() {
            let value = attribute.value();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{attribute:?}");
            if ["width", "height", "x", "y"].contains(&attribute.name()) {
                let number: f64 = value.parse().unwrap();
                assert!(number > -1000.0 && number < 100_000.0, "{attribute:?}");
            }
        }
    }
}

#[test]
fn the_reports_of_a_known_outage() {
    let (outage, series, signals, blind) =
        (sample::outage(), sample::series(), sample::signals(), sample::blind());
    let picture =
        Picture { signals: &signals, blind: &blind, ..picture(&outage, "North Korea", &series) };
    let grounds = sample::grounds();
    let provenance = Provenance { grounds: &grounds, ..Provenance::default() };
    let picture = Picture { provenance, ..picture };
    insta::assert_snapshot!(report_markdown(&picture));
    let html = report_html(&picture);
    let (head, rest) = html.split_once("<svg").unwrap();
    let (_, tail) = rest.split_once("</svg>").unwrap();
    insta::assert_snapshot!("report_html_around_the_picture", format!("{head}...{tail}"));
}

#[test]
fn no_form_of_a_re_enactment_looks_like_a_measurement() {
    let (outage, series) = (sample::outage(), sample::series());
    let forms = |nature| {
        let provenance = Provenance { nature, grounds: &[] };
        let picture = Picture { provenance, ..picture(&outage, "North Korea", &series) };
        let text = outage_text(&outage, "North Korea", &provenance, 80, TextStyle::Plain);
        let forms = [text, outage_svg(&picture), report_html(&picture), report_markdown(&picture)];
        // Where its lines break is of no matter here.
        forms.map(|form| form.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    for form in forms(Nature::Reenacted { time_scale: Some(60.0) }) {
        assert!(form.contains("North Korea: complete outage, re-enacted"), "{form}");
        assert!(form.contains("nothing of this was measured"), "{form}");
        assert!(form.contains("60 times"), "{form}");
    }
    for form in forms(Nature::Unknown) {
        assert!(form.contains("perhaps re-enacted"), "{form}");
    }
    for form in forms(Nature::Measured) {
        assert!(!form.contains("re-enact"), "{form}");
    }
}

#[test]
fn a_hostile_name_stays_a_name() {
    let hostile = "</title><script>alert(1)</script>\u{0}\u{202e}\u{ffff}&'\"";
    let mut outage = sample::outage();
    outage.id = OutageId(hostile.to_owned());
    outage.entity = Entity::Network(hostile.into());
    outage.order[0].signal = SignalId::from(hostile);
    outage.order[0].entity = Entity::Site(hostile.into());
    outage.parts[0].entity = Entity::Zone(hostile.into());
    outage.seen_by.insert(hostile.to_owned(), State::Partial);
    let verdict = outage.verdict.as_mut().unwrap();
    verdict.would_settle = hostile.to_owned();
    verdict.evidence[0].says = hostile.to_owned();
    verdict.evidence[0].id = hostile.to_owned();
    let mut series = sample::series();
    series[0].signal = SignalId::from(hostile);
    let blind =
        [Blind { vantage: hostile.into(), why: hostile.into(), ..sample::blind().remove(0) }];
    let picture =
        Picture { blind: &blind, time_zone: Some(hostile), ..picture(&outage, hostile, &series) };
    let grounds = [Ground { what: hostile.to_owned(), digest: hostile.to_owned() }];
    let provenance = Provenance { grounds: &grounds, ..Provenance::default() };
    let picture = Picture { provenance, ..picture };
    check(&outage_svg(&picture));
    for text in [outage_svg(&picture), report_html(&picture), report_markdown(&picture)] {
        assert!(!text.contains("<script"), "{text}");
        assert!(text.contains("&lt;script"), "{text}");
    }
    let html = report_html(&picture);
    roxmltree::Document::parse_with_options(
        &html,
        roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() },
    )
    .unwrap();
}

#[test]
fn a_report_loads_nothing_and_runs_nothing() {
    let outage = sample::outage();
    let html = report_html(&picture(&outage, "North Korea", &sample::series()));
    for never in ["<script", "src=", "href=", "@import", "http://", "https://", "onload"] {
        let namespaces = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!namespaces.contains(never), "{never}");
    }
}

fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (1_600_000_000_i64..1_600_500_000).prop_map(Timestamp::from_seconds),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
        1 => Just(Timestamp::EPOCH),
    ]
}

fn onset() -> impl Strategy<Value = Onset> {
    (option::of(time()), time()).prop_map(|(last_good, first_bad)| Onset { last_good, first_bad })
}

fn end() -> impl Strategy<Value = Option<End>> {
    option::of((time(), time()).prop_map(|(last_bad, first_good)| End { last_bad, first_good }))
}

fn state() -> impl Strategy<Value = State> {
    prop::sample::select(vec![
        State::Blind,
        State::Degraded,
        State::Isolated,
        State::Intermittent,
        State::Partial,
        State::Complete,
    ])
}

fn lost() -> impl Strategy<Value = Option<LostShare>> {
    let share = || (0.0_f64..=1.0).prop_map(Probability::new);
    option::of((share(), share(), share(), option::of(any::<u64>())).prop_map(
        |(value, low, high, n)| LostShare { value, low, high, basis: Basis::Prefixes, n },
    ))
}

fn name() -> impl Strategy<Value = Entity> {
    "\\PC{1,40}".prop_map(|name| Entity::Region(name.as_str().into()))
}

fn verdict() -> impl Strategy<Value = Option<Verdict>> {
    let share = || (0.0_f64..=1.0).prop_map(Probability::new);
    let causes = vec((prop::sample::select(Cause::ALL.to_vec()), share(), share()), 0..7);
    option::of((causes, share(), any::<bool>(), ".{0,300}").prop_map(
        |(causes, probability, decided, text)| {
            Verdict {
                cause: if decided { Call::Decided(Cause::Link) } else { Call::Undetermined },
                probability,
                causes: causes
                    .into_iter()
                    .map(|(cause, probability, prior)| CauseShare { cause, probability, prior })
                    .collect(),
                evidence: sample::outage()
                    .verdict
                    .map_or_else(Vec::new, |verdict| verdict.evidence),
                temperature: falter_model::Ratio::new(0.0),
                would_settle: text.clone(),
                could_not_see: text,
                revisions: Vec::new(),
            }
        },
    ))
}

fn outage() -> impl Strategy<Value = Outage> {
    let states = vec((state(), time(), option::of(time())), 0..5);
    let order = vec((1_u32..20, ".{0,40}", name(), onset(), end()), 0..14);
    let parts = vec((name(), state(), onset(), end(), lost()), 0..14);
    ((name(), state(), states, onset(), end()), lost(), order, parts, verdict()).prop_map(
        |((entity, state, states, from, until), lost_share, order, parts, verdict)| Outage {
            id: OutageId::new(&entity, from.first_bad),
            family: OutageId::new(&entity, from.first_bad),
            entity,
            state,
            states: states
                .into_iter()
                .map(|(state, from, until)| StateSpan { state, from, until })
                .collect(),
            from,
            until,
            lost_share,
            order: order
                .into_iter()
                .map(|(rank, signal, entity, from, until)| OrderStep {
                    rank,
                    signal: SignalId::from(signal.as_str()),
                    entity,
                    from,
                    until,
                    lost_share: lost_share.map(|lost| lost.value),
                })
                .collect(),
            seen_by: BTreeMap::new(),
            parts: parts
                .into_iter()
                .map(|(entity, state, from, until, lost_share)| Part {
                    entity,
                    state,
                    from,
                    until,
                    lost_share,
                })
                .collect(),
            verdict,
        },
    )
}

fn series() -> impl Strategy<Value = Series> {
    let value = prop_oneof![
        4 => 0.0_f64..1.0,
        4 => (0_u32..100).prop_map(f64::from),
        1 => any::<f64>(),
    ];
    let points = prop::collection::btree_map(time(), option::of(value), 0..40);
    (name(), points, 1_i64..100_000).prop_map(|(entity, points, step)| Series {
        entity,
        signal: SignalId::from("x.y/z"),
        step: Step::new(Span::from_seconds(step)).unwrap(),
        points: points.into_iter().collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_outage_can_be_drawn(
        outage in outage(),
        series in vec(series(), 0..4),
        title in "\\PC{0,80}",
        blind in vec((time(), time()), 0..3),
        dark: bool,
    ) {
        let blind: Vec<Blind> = blind
            .into_iter()
            .map(|(from, until)| Blind {
                entity: outage.entity.clone(),
                vantage: "rrc00".into(),
                from,
                until,
                why: "feed silent".into(),
            })
            .collect();
        let theme = if dark { Theme::Dark } else { Theme::Light };
        let picture = Picture { blind: &blind, theme, ..picture(&outage, &title, &series) };
        check(&outage_svg(&picture));
        let html = report_html(&picture);
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        prop_assert!(roxmltree::Document::parse_with_options(&html, options).is_ok());
        prop_assert!(report_markdown(&picture).starts_with("# "));
    }

    #[test]
    fn any_outage_can_be_printed(outage in outage(), title in ".{0,80}", width in 0_usize..200) {
        let text = outage_text(&outage, &title, &Provenance::default(), width, TextStyle::Plain);
        prop_assert!(text.ends_with('\n'));
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        for line in text.lines() {
            let columns = unicode_width::UnicodeWidthStr::width(line);
            prop_assert!(columns <= width.clamp(60, 100), "{columns}: {line}");
        }
    }
}
