//! MRT records (RFC 6396, RFC 8050): finding them in a stream, reading them, writing them.

mod bgp4mp;
mod elem;
mod framing;
mod header;
mod legacy_bgp;
mod line;
mod peer_index;
mod record;
mod resync;
mod table_dump;
mod table_dump_v2;
mod whole;
mod write;

pub use bgp4mp::{MessageRecord, SessionState, StateChange};
pub use elem::{Elem, ElemChange, ElemPeer};
pub use framing::{Framed, HEADER_OCTETS, LONGEST_RECORD, RawRecord, cut_off, frame};
pub use header::{Header, Kind};
pub use line::{Line, StateLine};
pub use peer_index::{IndexedPeer, PeerIndex};
pub use record::{Record, Skipped};
pub use resync::{looks_like_mrt, resync};
pub use table_dump::TableEntry;
pub use table_dump_v2::Rib;
pub use whole::{Told, read};
pub use write::{Nlri, Route, WriteError, Writer};
