//! How large a country is asked for.

use clap::Args;
use falter_lab::country::Size;

/// The size of the country; what cannot be built is bounded.
#[derive(Debug, Args)]
pub(super) struct SizeArguments {
    /// ASes of the country [1 to 200]
    #[arg(long, value_name = "N", default_value_t = Size::default().ases)]
    ases: u32,
    /// Prefixes of the country in all [4 to 5,000]
    #[arg(long, value_name = "N", default_value_t = Size::default().prefixes)]
    prefixes: u32,
    /// Answering addresses in all [20 to 20,000]
    #[arg(long, value_name = "N", default_value_t = Size::default().hosts)]
    hosts: u32,
    /// Routes of the rest of the world [100 to 200,000]
    #[arg(long, value_name = "N", default_value_t = Size::default().table_routes)]
    routes: u32,
    /// Seconds until a silent BGP session is given up [3 to 9; 9, and drawn for a run]
    #[arg(long, value_name = "SECONDS")]
    hold_time: Option<u32>,
}

impl SizeArguments {
    /// The same as the library takes it, with a hold time for where none is said.
    pub(super) fn size(&self, hold_time_s: u32) -> Size {
        Size {
            ases: self.ases,
            prefixes: self.prefixes,
            hosts: self.hosts,
            table_routes: self.routes,
            hold_time_s: self.hold_time.unwrap_or(hold_time_s),
        }
        .bounded()
    }
}
