//! What can be done to the country, one thing at a time.

/// One thing that is done to the stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {}
