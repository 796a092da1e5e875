//! Lines of an import file.

use crate::report::Refused;
use serde::Deserialize;
use serde_json::Value;
use waybill_domain::catalog::Kind;
use waybill_domain::id::{SiteId, Sku};
use waybill_lambda::http::{Problem, parse};

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A record of a kind, as JSON.
    Record(Kind, Vec<u8>),
    /// Units on hand.
    Count {
        /// Which item.
        sku: Sku,
        /// Where.
        site: SiteId,
        /// How many.
        on_hand: u32,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    kind: String,
    record: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCount {
    sku: Sku,
    site: SiteId,
    on_hand: u32,
}

impl Line {
    /// What the line says.
    ///
    /// # Errors
    /// It is no JSON, has unknown fields, or names no kind.
    pub fn read(text: &[u8]) -> Result<Self, Refused> {
        let flat = |problem: Problem| {
            let mut refused = Refused::because(&problem);
            refused.pointer = refused.pointer.trim_start_matches("/record").to_owned();
            refused
        };
        let Raw { kind, record } = parse(text).map_err(flat)?;
        let body = record.to_string().into_bytes();
        if kind == "stock" {
            let RawCount { sku, site, on_hand } = parse(&body).map_err(|problem| Refused::because(&problem))?;
            return Ok(Self::Count { sku, site, on_hand });
        }
        let client = (kind == Kind::Client.name()).then_some(Kind::Client);
        let kind = Kind::of_staff(&kind).or(client).ok_or_else(|| Refused::rule("/kind", "is no kind of record"))?;
        Ok(Self::Record(kind, body))
    }
}
