//! Whose recordings may join a watch: those of its network, from vantage points of other names.

use falter_model::{Text, VantagePoint};
use falter_sources::live::TellError;
use falter_sources::recording::RecordingHeader;

use super::sources::Start;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Welcome {
    /// Those about this network.
    pub(super) network: Text,
    /// Those of others than this one.
    pub(super) own: VantagePoint,
}

impl Welcome {
    /// Tells who observes, so that an answer inside is not taken for one to a question from outside.
    pub(super) fn tell(&self, header: &RecordingHeader, with: &Start) -> anyhow::Result<()> {
        self.check(header)?;
        let mut line = serde_json::to_vec(header)?;
        line.push(b'\n');
        match with.tell.tell_line_blocking(line) {
            // Whoever reads on will notice.
            Ok(()) | Err(TellError::Gone) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn check(&self, header: &RecordingHeader) -> anyhow::Result<()> {
        if let Some(network) = header.network.as_deref().filter(|name| **name != *self.network) {
            anyhow::bail!("expected a recording of {}, found one of {network}", self.network);
        }
        let same = header.vantage_points.iter().find(|point| point.id == self.own.id);
        if let Some(point) = same.filter(|point| **point != self.own) {
            anyhow::bail!(
                "another vantage point is named {} as this one: set vantage.id in its configuration",
                point.id
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use falter_model::{Place, Timestamp};

    use super::*;

    fn point(id: &str, place: Place) -> VantagePoint {
        VantagePoint { id: id.into(), asn: None, place }
    }

    #[test]
    fn lines_of_another_network_or_of_a_namesake_do_not_join() {
        let welcome = Welcome { network: "kp".into(), own: point("here", Place::Outside) };
        let check = |network: &str, points: &[VantagePoint]| {
            let mut header = RecordingHeader::new(Some(network), Timestamp::EPOCH);
            header.vantage_points = points.to_vec();
            welcome.check(&header).map_err(|error| error.to_string())
        };
        assert_eq!(check("kp", &[point("in-1", Place::Inside)]), Ok(()));
        assert_eq!(check("kp", &[point("here", Place::Outside)]), Ok(()));
        let other = check("ug", &[]).unwrap_err();
        assert_eq!(other, "expected a recording of kp, found one of ug");
        assert!(check("kp", &[point("here", Place::Inside)]).unwrap_err().contains("vantage.id"));
    }
}
