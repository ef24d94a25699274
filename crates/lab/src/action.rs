//! What can be done to the country, one thing at a time.

/// One thing that is done to the stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {}

impl std::fmt::Display for Action {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}
