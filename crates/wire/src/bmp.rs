//! BMP, version 3: what a router tells a monitoring station of its peers (RFC 7854), of what it sends
//! them (RFC 8671) and of its own choice (RFC 9069).
//!
//! A reader keeps a window of the stream and asks [`frame`] for the next message, and
//! [`RawMessage::decode`] for what it says. Offsets in faults are octets from the start of the message.

mod framing;
mod message;
mod peer;
mod peer_down;
mod peer_up;
mod tlv;

pub use framing::{Framed, HEADER_OCTETS, LONGEST_MESSAGE, RawMessage, frame};
pub use message::{Message, RouteMonitoring};
pub use peer::{PeerHeader, PeerKind, View};
pub use peer_down::{DownReason, PeerDown};
pub use peer_up::PeerUp;
pub use tlv::{Initiation, Termination};
