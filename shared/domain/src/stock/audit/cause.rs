//! What counters say they were moved by.

use crate::id::{DocumentId, OrderId};
use std::fmt;
use std::str::FromStr;

/// What moved counters, as they name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// An event of an order: `<order id>#<version>`.
    Event {
        /// Which order.
        order: OrderId,
        /// Which event of it.
        version: u32,
    },
    /// A stock document: its id.
    Document(DocumentId),
    /// Units of a hot item went from one of its counters to another: spread over shards or gathered (`heat#…`), held for
    /// an order or given back (`hold#…`). Nothing moved.
    Heat(String),
}

/// Not the name of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no event and no document")]
pub struct InvalidCause;

impl FromStr for Cause {
    type Err = InvalidCause;

    fn from_str(text: &str) -> Result<Self, InvalidCause> {
        if text.starts_with("heat#") || text.starts_with("hold#") {
            return Ok(Self::Heat(text.to_owned()));
        }
        if text.starts_with("doc-") {
            return text.parse().map(Self::Document).map_err(|_| InvalidCause);
        }
        let (order, version) = text.split_once('#').ok_or(InvalidCause)?;
        let (Ok(order), Ok(version)) = (order.parse(), version.parse()) else { return Err(InvalidCause) };
        Ok(Self::Event { order, version })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event { order, version } => write!(f, "{order}#{version}"),
            Self::Document(document) => document.fmt(f),
            Self::Heat(text) => f.write_str(text),
        }
    }
}
