//! Archives that the projects of collectors publish: which files hold what a collector heard, where they
//! are, and how they get here.
//!
//! | | RIPE RIS | RouteViews |
//! |---|---|---|
//! | table dumps | every 8 hours, `rrc00/2022.01/bview.20220126.0000.gz` | every 2 hours, `route-views.sg/bgpdata/2022.01/RIBS/rib.20220126.0000.bz2` |
//! | updates | every 5 minutes, `rrc00/2022.01/updates.20220126.0000.gz` | every 15 minutes, `route-views.sg/bgpdata/2022.01/UPDATES/updates.20220126.0000.bz2` |
//!
//! All times are UTC and aligned to midnight. The oldest collector of RouteViews, `route-views2`, has no
//! folder of its own: `bgpdata` lies at the root. A file is not there before its time has passed, and
//! some never come; what is missing is told.

mod fetching;
mod files;
mod mirrors;
mod name;

pub use fetching::{Fetched, fetch_latest, fetch_span};
pub use files::{ArchiveFile, Holds};
pub use mirrors::Mirrors;
pub use name::{Collector, NoCollector};
