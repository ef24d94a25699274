//! Groups: evidence that is not independent shares a cap.

use falter_model::{Cause, Evidence, Kind, Ratio};

/// Evidence with common reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Timing,
    Layers,
    Routes,
    Hosts,
    Services,
    Attack,
    Recovery,
    Inside,
    Calendar,
}

impl Group {
    const ALL: [Self; 9] = [
        Self::Timing,
        Self::Layers,
        Self::Routes,
        Self::Hosts,
        Self::Services,
        Self::Attack,
        Self::Recovery,
        Self::Inside,
        Self::Calendar,
    ];

    /// As it stands in JSON.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Timing => "timing",
            Self::Layers => "layers",
            Self::Routes => "routes",
            Self::Hosts => "hosts",
            Self::Services => "services",
            Self::Attack => "attack",
            Self::Recovery => "recovery",
            Self::Inside => "inside",
            Self::Calendar => "calendar",
        }
    }

    /// The largest summed weight, as a factor. Judgement: a group may say more than any one of its
    /// members, but timing alone (a round hour and its repetition have one reason) may not say more
    /// than 100 to 1, and no group of judged numbers more than 30 to 1.
    const fn factor(self) -> f64 {
        match self {
            Self::Timing => 100.0,
            Self::Routes | Self::Hosts => 30.0,
            Self::Attack => 20.0,
            Self::Layers | Self::Services | Self::Calendar => 10.0,
            Self::Recovery | Self::Inside => 5.0,
        }
    }

    fn cap(self) -> f64 {
        libm::log(self.factor())
    }
}

/// Shrinks the evidence of each group whose summed weight is beyond its cap.
pub(crate) fn cap_groups(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    for group in Group::ALL {
        let sum = total(evidence.iter().filter(|evidence| evidence.group == group.id()));
        let largest = sum.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
        if largest <= group.cap() {
            continue;
        }
        let factor = group.cap() / largest;
        for member in evidence.iter_mut().filter(|evidence| evidence.group == group.id()) {
            for weight in member.log_likelihood.values_mut() {
                *weight = Ratio::new(weight.get() * factor);
            }
            member.capped = true;
        }
    }
    evidence
}

/// Summed weights, in the order of [`Cause::ALL`].
pub(crate) fn total<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> [f64; 6] {
    let mut sums = [0.0; 6];
    for member in evidence {
        for (sum, cause) in sums.iter_mut().zip(Cause::ALL) {
            *sum += member.log_likelihood.get(&cause).map_or(0.0, |weight| weight.get());
        }
    }
    sums
}

/// Summed weights of one kind.
pub(crate) fn total_of_kind(evidence: &[Evidence], kind: Kind) -> [f64; 6] {
    total(evidence.iter().filter(|evidence| evidence.kind == kind))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use falter_model::EvidenceBasis;

    use super::*;

    fn evidence(group: Group, weight: f64) -> Evidence {
        Evidence {
            id: "test".to_owned(),
            group: group.id().to_owned(),
            kind: Kind::Timing,
            basis: EvidenceBasis::Literature,
            log_likelihood: BTreeMap::from([(Cause::Shutdown, Ratio::new(weight))]),
            capped: false,
            says: String::new(),
            observed: BTreeMap::new(),
        }
    }

    #[test]
    fn a_group_says_no_more_than_its_cap_and_leaves_others_alone() {
        let timing = Group::Timing;
        let capped = cap_groups(vec![
            evidence(timing, 4.0),
            evidence(timing, 4.0),
            evidence(Group::Layers, 1.0),
        ]);
        let sum = total(capped.iter().filter(|member| member.group == timing.id()));
        assert!((sum[Cause::Shutdown.index()] - timing.cap()).abs() < 1e-3, "{sum:?}");
        assert_eq!(
            capped.iter().map(|member| member.capped).collect::<Vec<_>>(),
            [true, true, false]
        );
    }

    #[test]
    fn evidence_that_contradicts_itself_needs_no_cap() {
        let kept =
            cap_groups(vec![evidence(Group::Recovery, 5.0), evidence(Group::Recovery, -5.0)]);
        assert!(kept.iter().all(|member| !member.capped));
    }
}
