//! The six causes: what each is, how it looks, and what it leads us to expect.
//!
//! A cause has a file of its own with all the numbers that speak of it; a kind of evidence has a file
//! under `evidence/` and asks every cause for its expectation. To add a cause: write its file, name
//! it here. `falter causes` prints the manual from [`ALL`].

mod expects;
mod fault;
mod link;
mod maintenance;
mod overload;
mod power;
mod shutdown;

use std::fmt;

use falter_model::Cause;

pub use expects::{Announced, Base, Expects};
pub use fault::Fault;
pub use link::Link;
pub use maintenance::Maintenance;
pub use overload::Overload;
pub use power::Power;
pub use shutdown::Shutdown;

/// A mechanism, told to people and in numbers.
pub trait CauseSpec: fmt::Debug + Sync {
    /// Which of the six.
    fn cause(&self) -> Cause;
    /// As it stands in JSON and text.
    fn id(&self) -> &'static str {
        self.cause().as_str()
    }
    /// A few words.
    fn title(&self) -> &'static str;
    /// What happens.
    fn mechanism(&self) -> &'static str;
    /// How it looks in data, and why.
    fn looks(&self) -> &'static str;
    /// Where that is known from.
    fn reference(&self) -> &'static str;
    /// What is expected under it.
    fn expects(&self) -> &'static Expects;
}

/// All six, in the order of [`Cause::ALL`].
pub static ALL: [&dyn CauseSpec; 6] = [&Overload, &Power, &Link, &Fault, &Shutdown, &Maintenance];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_in_order() {
        assert_eq!(ALL.map(CauseSpec::cause), Cause::ALL);
    }

    #[test]
    fn every_expectation_is_a_distribution() {
        for spec in ALL {
            spec.expects().check(spec.id());
        }
    }

    #[test]
    fn the_manual_names_no_actor_and_leaves_nothing_out() {
        for spec in ALL {
            for text in [spec.title(), spec.mechanism(), spec.looks(), spec.reference()] {
                assert!(!text.is_empty(), "{}", spec.id());
            }
        }
    }
}
