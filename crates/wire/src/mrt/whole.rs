//! Reading an archive that is in memory as a whole: the loop that a streaming reader runs over its
//! window.

use falter_model::Timestamp;

use super::{Elem, Framed, RawRecord, Record, StateChange, cut_off, frame, resync};
use crate::Fault;

/// What an archive tells, in order.
#[derive(Debug, Clone, Copy)]
pub enum Told<'r> {
    /// An elem, and the record that it is of.
    Elem(&'r RawRecord<'r>, Elem<'r>),
    /// A change of a session's state, and the record that it is.
    State(&'r RawRecord<'r>, StateChange),
    /// Something that could not be read, and where its record begins: octets from the start of the
    /// archive.
    Fault {
        /// Where the record begins.
        record: usize,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// Tells everything in an archive. What can't be read costs as little as it can: reading goes on
/// with the next record.
pub fn read(archive: &[u8], mut tell: impl FnMut(Told<'_>)) {
    let mut index = None;
    let mut last: Option<Timestamp> = None;
    let mut start = 0_usize;
    loop {
        let window = archive.get(start..).unwrap_or_default();
        let raw = match frame(window) {
            Ok(Framed::Record(raw)) => raw,
            Ok(Framed::NeedMore { .. }) => {
                if let Some(fault) = cut_off(window) {
                    tell(Told::Fault { record: start, fault });
                    // It may be the length that is wrong, and not the end.
                    let skip = resync(window, last);
                    start = start.saturating_add(skip);
                    if window.len().saturating_sub(skip) >= super::HEADER_OCTETS {
                        continue;
                    }
                }
                return;
            }
            Err(fault) => {
                tell(Told::Fault { record: start, fault });
                start = start.saturating_add(resync(window, last));
                continue;
            }
        };
        let fault = |fault| Told::Fault { record: start, fault };
        match Record::decode(&raw, index.as_ref()) {
            Ok(Record::State(state)) => tell(Told::State(&raw, state)),
            Ok(record) => {
                record.visit(|told| {
                    tell(match told {
                        Ok(elem) => Told::Elem(&raw, elem),
                        Err(what) => fault(what),
                    });
                });
                if let Record::PeerIndex { index: read, .. } = record {
                    index = Some(read);
                }
            }
            Err(what) => tell(fault(what)),
        }
        last = Some(raw.at);
        start = start.saturating_add(raw.octets());
    }
}
