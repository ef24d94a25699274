//! Causes: mechanisms, never culprits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the six mechanisms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Traffic floods links, routers or servers.
    Overload,
    /// Electricity fails.
    Power,
    /// A cable or transit is cut.
    Link,
    /// The operator's own software, configuration, DNS or equipment fails.
    Fault,
    /// Deliberately switched off.
    Shutdown,
    /// Planned work, renumbering.
    Maintenance,
}

/// What a verdict says: one of the six, or that the evidence does not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// This cause.
    Decided(Cause),
    /// Honestly undetermined.
    Undetermined,
}

impl Cause {
    /// All six, in the order in which they are listed everywhere.
    pub const ALL: [Self; 6] =
        [Self::Overload, Self::Power, Self::Link, Self::Fault, Self::Shutdown, Self::Maintenance];

    /// As it stands in JSON and text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overload => "overload",
            Self::Power => "power",
            Self::Link => "link",
            Self::Fault => "fault",
            Self::Shutdown => "shutdown",
            Self::Maintenance => "maintenance",
        }
    }

    /// Its place in [`Cause::ALL`], from 0.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Cause {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text).ok_or(())
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Decided(cause) => cause.as_str(),
            Self::Undetermined => "undetermined",
        })
    }
}

impl From<Call> for String {
    fn from(call: Call) -> Self {
        call.to_string()
    }
}

impl Serialize for Call {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Call {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        if text == "undetermined" {
            return Ok(Self::Undetermined);
        }
        text.parse().map(Self::Decided).map_err(|()| {
            serde::de::Error::custom(format_args!(
                "expected a cause or undetermined, found {text:?}"
            ))
        })
    }
}
