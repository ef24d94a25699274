//! Signals from darknets: addresses that nobody uses, and what arrives there all the same.

pub(crate) mod backscatter;
