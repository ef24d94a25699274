//! What an answer to a question for a zone's SOA says.

use std::time::Duration;

use falter_model::{Answer, Timestamp};
use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RData, RecordType};

use super::question::rcode;

/// Where the end of a signature stands in its record (RFC 4034, section 3.1): after the type that it
/// covers (2), algorithm (1), labels (1) and original TTL (4).
const EXPIRATION: std::ops::Range<usize> = 8..12;

/// The answer as it is told. `at` is when it was asked.
pub(super) fn of(message: &Message, zone: &Name, rtt: Duration, at: Timestamp) -> Answer {
    let serial = message.answers.iter().find_map(|record| match &record.data {
        RData::SOA(soa) if record.name.eq_ignore_root(zone) => Some(soa.serial),
        _ => None,
    });
    Answer {
        rcode: rcode(message.metadata.response_code),
        aa: message.metadata.authoritative,
        serial,
        rtt_us: u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX),
        truncated: message.metadata.truncation,
        expires: expires(message, at),
    }
}

/// The earliest end of the signatures.
fn expires(message: &Message, at: Timestamp) -> Option<Timestamp> {
    let ends = message.all_sections().filter_map(|record| match &record.data {
        RData::Unknown { code: RecordType::RRSIG, rdata } => {
            let seconds = rdata.anything.get(EXPIRATION)?.first_chunk()?;
            Some(near(u32::from_be_bytes(*seconds), at))
        }
        _ => None,
    });
    ends.min()
}

/// The moment near `at` that these seconds mean: they wrap every 136 years (RFC 4034, section 3.1.5).
fn near(seconds: u32, at: Timestamp) -> Timestamp {
    let era = 1_i64 << 32;
    let ahead = (i64::from(seconds) - at.seconds()).rem_euclid(era);
    let ahead = if ahead >= era / 2 { ahead - era } else { ahead };
    Timestamp::from_seconds(at.seconds().saturating_add(ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_wrap() {
        let check = |seconds: u32, at: i64, expected: i64| {
            assert_eq!(near(seconds, Timestamp::from_seconds(at)).seconds(), expected);
        };
        check(1_700_000_000, 1_690_000_000, 1_700_000_000);
        check(1_690_000_000, 1_700_000_000, 1_690_000_000);
        // In 2106 the count begins anew.
        check(100, 4_294_967_000, 4_294_967_396);
        check(4_294_967_000, 4_294_967_396, 4_294_967_000);
    }
}
