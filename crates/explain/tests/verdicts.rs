//! Verdicts on small cases, each like something that happened: what must be said, and what must not.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::collections::BTreeMap;

use falter_explain::{Fit, judge, judge_as_of};
use falter_model::{
    Asn, CalendarEntry, CalendarKind, Call, Case, Cause, End, Entity, EvidenceBasis, Kind,
    LayerFacts, Onset, Outage, OutageId, Part, PastOutage, Priors, Probability, ProbeFacts,
    RouteFacts, Span, State, Step, Text, Timestamp, TransitFacts, Verdict,
};
use proptest::prelude::*;
use proptest::test_runner::Config;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An outage whose onset is known to within `minutes` before `first_bad`, and nothing else.
fn case(first_bad: &str, minutes: i64, lasts_minutes: i64) -> Case {
    let first_bad = at(first_bad);
    let entity = Entity::Network("test".into());
    let end = first_bad + Span::from_minutes(lasts_minutes);
    let id = OutageId::new(&entity, first_bad);
    let outage = Outage {
        family: id.clone(),
        id,
        entity,
        state: State::Complete,
        states: Vec::new(),
        from: Onset { last_good: Some(first_bad - Span::from_minutes(minutes)), first_bad },
        until: Some(End { last_bad: end - Span::from_minutes(minutes), first_good: end }),
        lost_share: None,
        order: Vec::new(),
        seen_by: BTreeMap::new(),
        parts: Vec::new(),
        verdict: None,
    };
    Case {
        outage,
        time_zone: None,
        step: Step::new(Span::from_minutes(minutes.max(1))).unwrap(),
        routes: None,
        probes: None,
        layers: LayerFacts::default(),
        past: Vec::new(),
        calendar: Vec::new(),
        priors: None,
        blind: Vec::new(),
    }
}

fn verdict(case: &Case) -> Verdict {
    judge(case, Fit::built_in())
}

fn ranks(verdict: &Verdict) -> Vec<Cause> {
    verdict.causes.iter().map(|share| share.cause).collect()
}

fn says(verdict: &Verdict) -> Vec<String> {
    verdict.evidence.iter().map(|e| format!("{} {:?} {}", e.id, e.log_likelihood, e.says)).collect()
}

fn first(verdict: &Verdict, expected: Cause) {
    assert_eq!(
        ranks(verdict).first(),
        Some(&expected),
        "{:#?}\n{:#?}",
        verdict.causes,
        says(verdict)
    );
}

fn has(verdict: &Verdict, id: &str) -> bool {
    verdict.evidence.iter().any(|evidence| evidence.id == id)
}

fn transit(name: &str, before: f64, during: f64) -> TransitFacts {
    TransitFacts {
        transit: name.into(),
        share_before: Probability::new(before),
        share_during: Probability::new(during),
    }
}

fn asn(number: u32, case: &Case) -> Part {
    Part {
        entity: format!("asn/AS{number}").parse().unwrap(),
        state: State::Complete,
        from: case.outage.from,
        until: case.outage.until,
        lost_share: None,
    }
}

/// Uganda, January 2021, from tables written every six hours: no half hour can be claimed from it.
fn uganda() -> Case {
    let mut case = case("2021-01-13T20:00Z", 360, 6840);
    case.time_zone = Some("Africa/Kampala".into());
    case.outage.state = State::Partial;
    case.layers.routes = Some(true);
    case.routes = Some(RouteFacts {
        operators_lost: 12,
        operators: 20,
        prefixes_lost: 160,
        prefixes: 312,
        some_peers_kept_it: true,
        ..RouteFacts::default()
    });
    case.outage.parts = [327_717, 328_358, 36_977].map(|number| asn(number, &case)).to_vec();
    case
}

/// Loss and a long round trip first, then hosts, then routes in the rhythm of the hold timer.
fn flood() -> Case {
    let mut case = case("2022-01-25T20:43Z", 1, 360);
    case.time_zone = Some("Asia/Pyongyang".into());
    case.layers = LayerFacts { routes: Some(true), hosts: Some(true), ..LayerFacts::default() };
    case.probes = Some(ProbeFacts {
        loss_before: Some(0.4),
        rtt_before: Some(3.0),
        degraded_for: Some(Span::from_minutes(20)),
        lost_within_one_round: Some(0.3),
        return_steps: Some(2),
        return_spread: Some(Span::from_seconds(40)),
        hosts: 18,
        hosts_after_routes: Some(Span::from_seconds(-200)),
        ..ProbeFacts::default()
    });
    case.routes = Some(RouteFacts {
        operators_lost: 1,
        operators: 1,
        prefixes_lost: 4,
        prefixes: 4,
        flaps: 4,
        down_times: vec![Span::from_seconds(150); 4],
        up_times: vec![Span::from_seconds(200); 4],
        hold_time: Some(Span::from_seconds(180)),
        churn_before: Some(1.2),
        ..RouteFacts::default()
    });
    case
}

/// Hosts gone in one round without any warning; they come back in stairs.
fn blackout() -> Case {
    let mut case = flood();
    case.probes = Some(ProbeFacts {
        loss_before: Some(0.0),
        rtt_before: Some(1.0),
        lost_within_one_round: Some(1.0),
        return_steps: Some(7),
        return_spread: Some(Span::from_minutes(30)),
        hosts: 18,
        hosts_after_routes: Some(Span::from_seconds(-200)),
        ..ProbeFacts::default()
    });
    case.routes = case.routes.map(|routes| RouteFacts {
        flaps: 0,
        down_times: vec![],
        up_times: vec![],
        ..routes
    });
    case
}

#[test]
fn without_evidence_the_verdict_is_the_prior_and_undetermined() {
    let mut case = case("2021-01-13T20:00Z", 1, 60);
    case.outage.until = None;
    let verdict = verdict(&case);
    assert!(verdict.evidence.is_empty(), "{:#?}", verdict.evidence);
    assert_eq!(verdict.cause, Call::Undetermined);
    assert!(verdict.causes.iter().all(|share| share.probability == share.prior));
}

#[test]
fn a_strong_prior_alone_decides_nothing() {
    let mut case = case("2021-01-13T20:00Z", 1, 60);
    case.priors = Some(Priors { power: Some(0.97), ..Priors::default() });
    let verdict = verdict(&case);
    first(&verdict, Cause::Power);
    assert_eq!(verdict.cause, Call::Undetermined);
}

#[test]
fn uganda_is_a_shutdown_by_what_fell_and_how_long_and_not_by_the_hour() {
    let verdict = verdict(&uganda());
    assert!(ranks(&verdict)[..2].contains(&Cause::Shutdown), "{:#?}", verdict.causes);
    assert!(!has(&verdict, "timing.local-hour") && !has(&verdict, "timing.night"));
    assert!(!has(&verdict, "routes.flapping"), "six-hour samples see no flaps");
    assert!(has(&verdict, "routes.operators"));
}

#[test]
fn warning_flaps_and_waves_are_overload() {
    let verdict = verdict(&flood());
    first(&verdict, Cause::Overload);
    assert!(ranks(&verdict)[1] != Cause::Shutdown);
}

#[test]
fn a_flood_with_backscatter_is_decided() {
    let mut case = flood();
    case.probes.as_mut().unwrap().backscatter_ppm = Some(400);
    let verdict = verdict(&case);
    assert_eq!(verdict.cause, Call::Decided(Cause::Overload), "{:#?}", verdict.causes);
}

#[test]
fn gone_in_one_round_without_warning_and_back_in_stairs_is_power() {
    first(&verdict(&blackout()), Cause::Power);
}

#[test]
fn order_alone_never_separates_power_from_overload() {
    for after_routes in [-7200, -200, 0, 900] {
        let mut case = case("2022-01-25T20:43Z", 1, 60);
        case.outage.until = None;
        case.routes =
            Some(RouteFacts { hold_time: Some(Span::from_seconds(180)), ..RouteFacts::default() });
        case.probes = Some(ProbeFacts {
            hosts: 18,
            hosts_after_routes: Some(Span::from_seconds(after_routes)),
            ..ProbeFacts::default()
        });
        let verdict = verdict(&case);
        let order = verdict.evidence.iter().find(|e| e.id == "hosts.after-routes").unwrap();
        assert_eq!(order.log_likelihood[&Cause::Power], order.log_likelihood[&Cause::Overload]);
        assert_eq!(verdict.cause, Call::Undetermined);
    }
}

#[test]
fn one_of_two_transits_lost_off_the_hour_is_link() {
    let mut case = case("2022-06-01T13:41Z", 5, 540);
    case.time_zone = Some("Africa/Nairobi".into());
    case.layers = LayerFacts {
        routes: Some(true),
        hosts: Some(true),
        traffic: Some(false),
        ..LayerFacts::default()
    };
    case.routes = Some(RouteFacts {
        operators_lost: 1,
        operators: 1,
        transits: vec![transit("AS4837", 0.6, 0.0), transit("AS20485", 0.4, 0.4)],
        churn_before: Some(1.0),
        ..RouteFacts::default()
    });
    let verdict = verdict(&case);
    first(&verdict, Cause::Link);
    assert_eq!(verdict.cause, Call::Decided(Cause::Link), "{:#?}", verdict.causes);
}

#[test]
fn silence_with_routes_up_on_the_hour_is_shutdown() {
    let mut case = case("2022-01-05T11:00Z", 5, 540);
    case.time_zone = Some("Asia/Almaty".into());
    case.layers = LayerFacts {
        routes: Some(false),
        hosts: Some(true),
        traffic: Some(true),
        inside_up: Some(true),
        ..LayerFacts::default()
    };
    first(&verdict(&case), Cause::Shutdown);
}

#[test]
fn a_repetition_at_whole_days_on_the_hour_is_shutdown() {
    let mut case = case("2019-08-06T01:00Z", 5, 270);
    case.time_zone = Some("Asia/Damascus".into());
    case.layers = LayerFacts {
        routes: Some(true),
        hosts: Some(true),
        traffic: Some(true),
        ..LayerFacts::default()
    };
    case.past = [2, 1]
        .map(|days| {
            let first_bad = case.outage.from.first_bad - Span::from_days(days);
            let last_good = Some(first_bad - Span::from_minutes(5));
            PastOutage { from: Onset { last_good, first_bad }, until: None }
        })
        .to_vec();
    let verdict = verdict(&case);
    assert_eq!(verdict.cause, Call::Decided(Cause::Shutdown), "{:#?}", verdict.causes);
}

#[test]
fn churn_before_and_failed_recoveries_of_one_operator_are_fault() {
    let mut case = case("2022-07-08T08:44Z", 5, 900);
    case.time_zone = Some("America/Toronto".into());
    case.layers = LayerFacts { routes: Some(false), hosts: Some(true), ..LayerFacts::default() };
    case.routes = Some(RouteFacts {
        operators_lost: 1,
        operators: 8,
        prefixes_lost: 400,
        prefixes: 970,
        flaps: 5,
        down_times: vec![Span::from_minutes(40); 5],
        up_times: vec![Span::from_minutes(15); 5],
        churn_before: Some(25.0),
        churn_lead: Some(Span::from_minutes(29)),
        ..RouteFacts::default()
    });
    first(&verdict(&case), Cause::Fault);
}

#[test]
fn names_and_sites_alone_are_fault() {
    let mut case = case("2021-05-11T03:17Z", 5, 300);
    case.layers = LayerFacts {
        routes: Some(false),
        hosts: Some(false),
        names: Some(true),
        sites: Some(true),
        ..LayerFacts::default()
    };
    first(&verdict(&case), Cause::Fault);
}

#[test]
fn short_and_announced_at_night_is_maintenance() {
    let mut case = case("2023-03-01T01:00Z", 5, 48);
    case.time_zone = Some("Europe/Berlin".into());
    case.calendar = vec![CalendarEntry {
        from: "2023-03-01".into(),
        until: "2023-03-02".into(),
        kind: CalendarKind::Maintenance,
        source: None,
    }];
    case.routes = Some(RouteFacts {
        operators_lost: 1,
        operators: 3,
        new_origins: 1,
        churn_before: Some(3.0),
        ..RouteFacts::default()
    });
    let verdict = verdict(&case);
    first(&verdict, Cause::Maintenance);
    assert_eq!(verdict.cause, Call::Decided(Cause::Maintenance), "{:#?}", verdict.causes);
}

#[test]
fn an_outage_that_goes_on_is_judged_by_how_long_it_has() {
    let mut case = case("2021-01-13T20:00Z", 5, 60);
    case.outage.until = None;
    let short = judge_as_of(&case, Fit::built_in(), at("2021-01-13T20:10Z"));
    let long = judge_as_of(&case, Fit::built_in(), at("2021-01-18T20:00Z"));
    let of = |verdict: &Verdict| {
        verdict.causes.iter().find(|share| share.cause == Cause::Maintenance).unwrap().probability
    };
    assert!(of(&long) < of(&short), "{:?} {:?}", of(&long), of(&short));
}

#[test]
fn probabilities_follow_from_what_is_printed() {
    for case in [uganda(), flood(), blackout()] {
        let verdict = verdict(&case);
        let mut shares: Vec<f64> = verdict
            .causes
            .iter()
            .map(|share| {
                let sum: f64 = verdict
                    .evidence
                    .iter()
                    .map(|evidence| evidence.log_likelihood[&share.cause].get())
                    .sum();
                share.prior.get() * (sum / verdict.temperature.get()).exp()
            })
            .collect();
        let all: f64 = shares.iter().sum();
        for (share, printed) in shares.iter_mut().zip(&verdict.causes) {
            assert!((*share / all - printed.probability.get()).abs() < 2e-3, "{printed:?}");
        }
    }
}

#[test]
fn judgement_never_weighs_more_than_three_to_one() {
    for case in [uganda(), flood(), blackout()] {
        for evidence in verdict(&case).evidence {
            let most =
                evidence.log_likelihood.values().fold(0.0_f64, |most, w| most.max(w.get().abs()));
            let cap = match evidence.basis {
                EvidenceBasis::Expert => 3.0_f64,
                EvidenceBasis::Lab => 5.0,
                EvidenceBasis::Literature | EvidenceBasis::Labels => 50.0,
            };
            assert!(most <= cap.ln() + 1e-4, "{}: {most}", evidence.id);
        }
    }
}

#[test]
fn what_is_said_is_for_people_and_names_its_numbers() {
    for case in [uganda(), flood(), blackout()] {
        let verdict = verdict(&case);
        for evidence in &verdict.evidence {
            assert!(evidence.says.ends_with('.') && !evidence.observed.is_empty(), "{evidence:?}");
        }
        assert!(verdict.would_settle.ends_with('.'), "{}", verdict.would_settle);
        assert!(verdict.could_not_see.contains("outages under"), "{}", verdict.could_not_see);
    }
    assert_eq!(verdict(&uganda()).could_not_see, "outages under 12 h; never blind");
}

fn any_case() -> impl Strategy<Value = Case> {
    let layer = prop::option::of(any::<bool>());
    let probes = (
        prop::option::of(0.0_f64..1.0),
        prop::option::of(0.5_f64..10.0),
        prop::option::of(0.0_f64..1.0),
        prop::option::of(-9000_i64..9000),
        prop::option::of(0_u64..1000),
        0_u32..30,
    )
        .prop_map(|(loss_before, rtt_before, one_round, after, backscatter_ppm, hosts)| {
            ProbeFacts {
                loss_before,
                rtt_before,
                lost_within_one_round: one_round,
                hosts,
                hosts_after_routes: after.map(Span::from_seconds),
                backscatter_ppm,
                ..ProbeFacts::default()
            }
        });
    let routes = (
        prop::option::of(0_i64..20_000),
        (0_u32..9, 0_u32..9),
        0_u32..9,
        prop::collection::vec(1_i64..9000, 0..9),
        prop::option::of(0.0_f64..100.0),
        prop::collection::vec((0.0_f64..1.0, 0.0_f64..1.0), 0..4),
    )
        .prop_map(
            |(spread, (operators_lost, operators), flaps, times, churn_before, transits)| {
                RouteFacts {
                    withdrawal_spread: spread.map(Span::from_seconds),
                    operators_lost,
                    operators,
                    flaps,
                    down_times: times.into_iter().map(Span::from_seconds).collect(),
                    churn_before,
                    transits: transits.into_iter().map(|(a, b)| transit("AS1", a, b)).collect(),
                    ..RouteFacts::default()
                }
            },
        );
    let zones = prop::sample::select(vec![None, Some("Asia/Tehran"), Some("No/Where")]);
    (
        (1_577_836_800_i64..1_609_459_200, 1_i64..30, 0_i64..30_000),
        zones,
        prop::array::uniform5(layer.clone()),
        prop::option::of(probes),
        prop::option::of(routes),
        prop::collection::vec((0_i64..6000, 1_i64..12), 0..6),
    )
        .prop_map(|((seconds, minutes, lasts), zone, layers, probes, routes, past)| {
            let mut case = case(&Timestamp::from_seconds(seconds).to_string(), minutes, lasts);
            let [routes_fell, hosts, traffic, names, inside_up] = layers;
            case.time_zone = zone.map(Text::from);
            case.layers =
                LayerFacts { routes: routes_fell, hosts, traffic, names, sites: names, inside_up };
            case.probes = probes;
            case.routes = routes;
            case.past = past
                .into_iter()
                .map(|(before, width)| {
                    let first_bad = case.outage.from.first_bad - Span::from_minutes(before);
                    let last_good = Some(first_bad - Span::from_minutes(width));
                    PastOutage { from: Onset { last_good, first_bad }, until: None }
                })
                .collect();
            case.outage.parts = [1, 2, 3].map(|number| asn(number, &case)).to_vec();
            case
        })
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn probabilities_sum_to_one_and_every_number_is_finite(case in any_case()) {
        let verdict = verdict(&case);
        let units: f64 = verdict.causes.iter().map(|share| (share.probability.get() * 1e4).round()).sum();
        prop_assert!((units - 1e4).abs() < 0.5);
        prop_assert_eq!(verdict.causes.len(), 6);
        if let Call::Decided(cause) = verdict.cause {
            prop_assert_eq!(cause, verdict.causes[0].cause);
            prop_assert!(verdict.probability.get() > 0.5);
            let mut kinds: Vec<Kind> = verdict.evidence.iter().map(|evidence| evidence.kind).collect();
            kinds.sort();
            kinds.dedup();
            prop_assert!(kinds.len() >= 2);
        }
    }

    #[test]
    fn the_order_of_parts_past_and_transits_changes_nothing(case in any_case()) {
        let mut turned = case.clone();
        turned.outage.parts.reverse();
        turned.past.reverse();
        if let Some(routes) = &mut turned.routes {
            routes.transits.reverse();
            routes.down_times.reverse();
        }
        prop_assert_eq!(verdict(&case), verdict(&turned));
    }

    #[test]
    fn what_says_nothing_changes_nothing(case in any_case()) {
        let mut more = case.clone();
        more.calendar.push(CalendarEntry {
            from: "2020-01-01".into(),
            until: "2021-01-01".into(),
            kind: CalendarKind::Holiday,
            source: None,
        });
        prop_assert_eq!(verdict(&case).causes, verdict(&more).causes);
    }

    #[test]
    fn a_wide_bracket_claims_nothing_by_the_minute(mut case in any_case()) {
        let first_bad = case.outage.from.first_bad;
        case.outage.from.last_good = Some(first_bad - Span::from_minutes(11));
        let verdict = verdict(&case);
        for id in ["timing.local-hour", "timing.recurrence", "routes.flapping", "hosts.after-routes"] {
            prop_assert!(!has(&verdict, id), "{}", id);
        }
    }
}

#[test]
fn an_asn_is_a_part() {
    // The helper above must make what the evidence looks for.
    assert_eq!(asn(7, &flood()).entity, Entity::Asn("AS7".parse::<Asn>().unwrap()));
}

#[test]
fn up_inside_speaks_for_a_cut_and_down_inside_for_power() {
    let weights = |inside_up| {
        let mut case = case("2022-01-25T20:43Z", 1, 60);
        case.layers = LayerFacts { inside_up: Some(inside_up), ..LayerFacts::default() };
        let verdict = verdict(&case);
        let evidence = verdict.evidence.iter().find(|each| each.id == "inside.up").unwrap();
        assert_eq!(evidence.kind, Kind::Inside);
        assert_eq!(evidence.basis, EvidenceBasis::Expert);
        let most = evidence.log_likelihood.values().map(|weight| weight.get().abs());
        assert!(most.fold(0.0, f64::max) <= 3.0_f64.ln() + 1e-4, "{evidence:#?}");
        evidence.log_likelihood.clone()
    };
    let (up, down) = (weights(true), weights(false));
    for cause in [Cause::Link, Cause::Shutdown] {
        assert!(up[&cause].get() > 0.3 && down[&cause].get() < -0.3, "{cause:?}: {up:?} {down:?}");
    }
    for cause in [Cause::Power, Cause::Overload] {
        assert!(up[&cause].get() < 0.0 && down[&cause].get() > 0.0, "{cause:?}: {up:?} {down:?}");
    }
    assert!(up[&Cause::Power].get() < -1.0, "{up:?}");
}
