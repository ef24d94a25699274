//! The BGP messages inside MRT records: updates with their attributes and routes.

mod aggregator;
mod as_path;
mod attributes;
mod communities;
mod message;
mod multiprotocol;
mod nlri;
mod open;
mod origin;
mod update;

pub use crate::cursor::AsnWidth;
pub use aggregator::Aggregator;
pub use as_path::{AsPath, Segment, SegmentKind, Segments};
pub use attributes::Attributes;
pub use attributes::{AddPath, Session};
pub(crate) use attributes::{Context, Source};
pub use communities::{Community, LargeCommunity};
pub use message::{Message, Notification};
pub(crate) use multiprotocol::unicast;
pub(crate) use nlri::prefix;
pub use open::{Capabilities, Open};
pub use origin::Origin;
pub use update::{Update, UpdateRoute};
