//! MRT archives (RFC 6396) on the calendar.

use falter_model::Timestamp;
use falter_wire::Fault;
use falter_wire::mrt::{Framed, HEADER_OCTETS, Kind, RawRecord, frame};

use super::{Calendar, Growth, split};

/// Why an archive can't be moved.
#[derive(Debug, thiserror::Error)]
pub enum RestampError {
    /// It is no MRT.
    #[error("expected an MRT record at octet {offset}")]
    Record {
        /// Where it should begin.
        offset: u64,
        /// What is wrong with it.
        source: Box<Fault>,
    },
    /// A record that can't be what its header says.
    #[error("a record that ends at octet {offset} is cut short within")]
    Short {
        /// Where it ends.
        offset: u64,
    },
    /// A time that the form can't tell: before 1970 or after 2106.
    #[error("a time between 1970 and 2106 is needed, found {found}")]
    Time {
        /// The time.
        found: Timestamp,
    },
}

/// Updates of the machine's time `[from, until)`, each at the time at which the file had grown to its
/// end, with microseconds (`BGP4MP_ET`, section 3). A last record that is still being written is left out, and so is
/// what nobody saw come.
pub fn updates(
    octets: &[u8],
    growth: &Growth,
    (from, until): (Timestamp, Timestamp),
    calendar: &Calendar,
) -> Result<Vec<u8>, RestampError> {
    let mut out = Vec::new();
    for_each(octets, |record, end| {
        if record.header.kind != Kind::Bgp4mp {
            return Ok(());
        }
        // What came after the watch ended is of no concern.
        let Some(at) = growth.when(end).filter(|at| *at >= from && *at < until) else {
            return Ok(());
        };
        let there = calendar.there(at);
        let (seconds, micros) = split(there).ok_or(RestampError::Time { found: there })?;
        let length = record.header.length.saturating_add(4);
        push_header(&mut out, seconds, Kind::Bgp4mpEt, record.header.subtype, length);
        out.extend(micros.to_be_bytes());
        out.extend(record.body);
        Ok(())
    })?;
    Ok(out)
}

/// A table dump, all of it at one moment: when it was asked for. Entries keep how old they are.
pub fn table(octets: &[u8], at: Timestamp, calendar: &Calendar) -> Result<Vec<u8>, RestampError> {
    let there = calendar.there(at);
    let (seconds, _) = split(there).ok_or(RestampError::Time { found: there })?;
    let mut out = Vec::with_capacity(octets.len());
    for_each(octets, |record, end| {
        push_header(
            &mut out,
            seconds,
            record.header.kind,
            record.header.subtype,
            record.header.length,
        );
        let body = out.len();
        out.extend(record.body);
        let add_path = match (record.header.kind, record.header.subtype) {
            (Kind::TableDumpV2, 2 | 4) => false,
            (Kind::TableDumpV2, 8 | 10) => true,
            _ => return Ok(()),
        };
        let entries = out.get_mut(body..).unwrap_or_default();
        originate(entries, seconds, add_path).ok_or(RestampError::Short { offset: end })
    })?;
    Ok(out)
}

/// Sets the originated time of every entry of a RIB record (section 4.3.4; with add-path RFC 8050,
/// section 4): on a calendar of another pace their ages mean nothing, so all are as old as the dump.
fn originate(body: &mut [u8], seconds: u32, add_path: bool) -> Option<()> {
    // Sequence, then a prefix by its length in bits.
    let octets = usize::from(*body.get(4)?).div_ceil(8);
    let mut at = 5 + octets;
    let count = u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?);
    at += 2;
    for _ in 0..count {
        // Peer index, originated time, path identifier where there is one, attributes by length.
        body.get_mut(at + 2..at + 6)?.copy_from_slice(&seconds.to_be_bytes());
        at += if add_path { 10 } else { 6 };
        let length = u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?);
        at += 2 + usize::from(length);
    }
    (at == body.len()).then_some(())
}

/// Each whole record, with where it ends.
fn for_each(
    octets: &[u8],
    mut work: impl FnMut(&RawRecord<'_>, u64) -> Result<(), RestampError>,
) -> Result<(), RestampError> {
    let mut rest = octets;
    let mut offset = 0;
    loop {
        let framed = frame(rest)
            .map_err(|fault| RestampError::Record { offset, source: Box::new(fault) })?;
        let Framed::Record(record) = framed else { return Ok(()) };
        let length = record.octets();
        offset += length as u64;
        work(&record, offset)?;
        rest = rest.get(length..).unwrap_or_default();
    }
}

fn push_header(out: &mut Vec<u8>, seconds: u32, kind: Kind, subtype: u16, length: u32) {
    out.reserve(HEADER_OCTETS);
    out.extend(seconds.to_be_bytes());
    out.extend(kind.number().to_be_bytes());
    out.extend(subtype.to_be_bytes());
    out.extend(length.to_be_bytes());
}

#[cfg(test)]
mod tests;
