//! A question to a name server, and whether what came back answers it.

use falter_model::Text;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

use crate::random::random;

/// What fits through any path without fragments (DNS flag day 2020).
const PAYLOAD_OCTETS: u16 = 1232;
/// Octets of a message's header (RFC 1035, section 4.1.1).
const HEADER_OCTETS: usize = 12;

/// A question with its number.
#[derive(Debug, Clone)]
pub(super) struct Question {
    id: u16,
    name: Name,
    kind: RecordType,
    extended: Extended,
    recursion: Recursion,
}

/// Whether EDNS is spoken (RFC 6891).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extended {
    /// With signatures (DO).
    WithSignatures,
    /// Old servers do not know it.
    No,
}

/// Whether the server shall ask others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recursion {
    /// No: what it knows itself.
    No,
    /// Yes: it is a resolver.
    Desired,
}

/// Why octets are no answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// Another number or another question: somebody else's, or forged.
    Foreign,
    /// The number is right, the rest can't be read.
    Malformed,
}

impl Question {
    /// A question with a number that nobody can foresee.
    pub(super) fn new(name: Name, kind: RecordType, recursion: Recursion) -> Self {
        Self { id: random(), name, kind, extended: Extended::WithSignatures, recursion }
    }

    /// The same question, with another number and without what old servers don't know.
    pub(super) fn plain(&self) -> Self {
        Self { id: random(), extended: Extended::No, ..self.clone() }
    }

    /// Whether a server that answers so may not know EDNS (RFC 6891, section 7).
    pub(super) fn is_too_new_for(&self, answer: &Message) -> bool {
        let code = answer.metadata.response_code;
        self.extended == Extended::WithSignatures
            && answer.edns.is_none()
            && matches!(code, ResponseCode::FormErr | ResponseCode::NotImp)
    }

    /// As it goes to the server; `None` for a name that has no such form.
    pub(super) fn octets(&self) -> Option<Vec<u8>> {
        let mut message = Message::new(self.id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = self.recursion == Recursion::Desired;
        message.add_query(Query::query(self.name.clone(), self.kind));
        if self.extended == Extended::WithSignatures {
            let mut edns = Edns::new();
            edns.set_max_payload(PAYLOAD_OCTETS).set_dnssec_ok(true);
            message.set_edns(edns);
        }
        message.to_vec().ok()
    }

    /// The answer in these octets.
    pub(super) fn read(&self, octets: &[u8]) -> Result<Message, NoAnswer> {
        let id = octets.first_chunk().map(|id| u16::from_be_bytes(*id));
        if id != Some(self.id) || octets.len() < HEADER_OCTETS {
            return Err(NoAnswer::Foreign);
        }
        let message = Message::from_vec(octets).map_err(|_| NoAnswer::Malformed)?;
        if message.metadata.message_type != MessageType::Response {
            return Err(NoAnswer::Foreign);
        }
        match message.queries.as_slice() {
            [asked]
                if asked.query_type() == self.kind && asked.name().eq_ignore_root(&self.name) =>
            {
                Ok(message)
            }
            // Some servers refuse without repeating the question.
            [] if message.metadata.response_code != ResponseCode::NoError => Ok(message),
            _ => Err(NoAnswer::Foreign),
        }
    }
}

/// The code of an answer in the words of RFC 1035 and its successors.
pub(super) fn rcode(code: ResponseCode) -> Text {
    let word = match code {
        ResponseCode::NoError => "NOERROR",
        ResponseCode::FormErr => "FORMERR",
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::NXDomain => "NXDOMAIN",
        ResponseCode::NotImp => "NOTIMP",
        ResponseCode::Refused => "REFUSED",
        ResponseCode::YXDomain => "YXDOMAIN",
        ResponseCode::YXRRSet => "YXRRSET",
        ResponseCode::NXRRSet => "NXRRSET",
        ResponseCode::NotAuth => "NOTAUTH",
        ResponseCode::NotZone => "NOTZONE",
        ResponseCode::BADVERS => "BADVERS",
        other => return format!("RCODE{}", u16::from(other)).as_str().into(),
    };
    word.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn question() -> Question {
        Question::new(Name::from_ascii("kp.").unwrap(), RecordType::SOA, Recursion::No)
    }

    fn answer(question: &Question, change: impl FnOnce(&mut Message)) -> Vec<u8> {
        let mut message = Message::from_vec(&question.octets().unwrap()).unwrap();
        message.metadata.message_type = MessageType::Response;
        change(&mut message);
        message.to_vec().unwrap()
    }

    #[test]
    fn an_answer_repeats_number_and_question() {
        let question = question();
        assert!(question.read(&answer(&question, |_| {})).is_ok());
        let foreign: [(&str, Vec<u8>); 5] = [
            ("number", answer(&question, |m| m.metadata.id = m.metadata.id.wrapping_add(1))),
            (
                "name",
                answer(&question, |m| {
                    m.queries[0].set_name(Name::from_ascii("kr.").unwrap());
                }),
            ),
            (
                "type",
                answer(&question, |m| {
                    m.queries[0].set_query_type(RecordType::A);
                }),
            ),
            ("question itself", question.octets().unwrap()),
            ("no question", answer(&question, |m| m.queries.clear())),
        ];
        for (what, octets) in foreign {
            assert_eq!(question.read(&octets).unwrap_err(), NoAnswer::Foreign, "{what}");
        }
    }

    #[test]
    fn a_refusal_need_not_repeat_the_question() {
        let question = question();
        let refused = answer(&question, |message| {
            message.queries.clear();
            message.metadata.response_code = ResponseCode::Refused;
        });
        let read = question.read(&refused).unwrap();
        assert_eq!(&*rcode(read.metadata.response_code), "REFUSED");
    }

    /// A name that points at itself.
    #[test]
    fn a_loop_of_pointers_is_malformed() {
        let question = question();
        let mut octets = answer(&question, |_| {});
        octets.truncate(HEADER_OCTETS);
        octets.extend([0xC0, 12, 0, 6, 0, 1]);
        assert_eq!(question.read(&octets).unwrap_err(), NoAnswer::Malformed);
    }

    /// A thousand names, each of which is told by where the one before stands.
    #[test]
    fn a_chain_of_pointers_ends() {
        let question = question();
        let mut octets = answer(&question, |message| message.edns = None);
        let records: u16 = 1000;
        octets[6..8].copy_from_slice(&records.to_be_bytes());
        let mut last = HEADER_OCTETS;
        for _ in 0..records {
            let here = octets.len();
            octets.extend((0xC000 | u16::try_from(last).unwrap()).to_be_bytes());
            octets.extend([0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 10, 0, 0, 1]);
            last = here;
        }
        octets[10..12].fill(0);
        assert_eq!(question.read(&octets).map(|read| read.answers.len()), Ok(1000));
    }

    #[test]
    fn an_old_server_is_asked_in_its_own_words() {
        let question = question();
        let plain = question.plain();
        let read = plain.read(&answer(&plain, |message| {
            message.metadata.response_code = ResponseCode::FormErr;
        }));
        let read = read.unwrap();
        assert!(question.is_too_new_for(&read));
        assert!(!plain.is_too_new_for(&read));
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let question = question();
            let with_id = [&question.id.to_be_bytes()[..], &octets].concat();
            let _read = question.read(&with_id);
        }
    }
}
