//! Lines of an import file, and the report on them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use waybill_domain::catalog::Kind;
use waybill_lambda::http::{Problem, parse};

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A record of a kind, as JSON.
    Record(Kind, Vec<u8>),
    /// Units on hand.
    Count {
        /// Which item.
        sku: String,
        /// Where.
        site: String,
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
    sku: String,
    site: String,
    on_hand: u32,
}

/// Why a line was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// 1, 2, 3, ...
    pub line: u32,
    /// JSON pointer into the line.
    pub pointer: String,
    /// The rule it breaks.
    pub rule: String,
}

impl Refused {
    /// A rule broken at `pointer`.
    #[must_use]
    pub fn rule(pointer: &str, rule: &str) -> Self {
        Self { line: 0, pointer: pointer.to_owned(), rule: rule.to_owned() }
    }

    /// What a record's check found.
    #[must_use]
    pub fn because(problem: &Problem) -> Self {
        let (pointer, rule) =
            problem.errors.first().map_or(("", problem.title.as_str()), |e| (e.pointer.as_str(), e.rule.as_str()));
        Self::rule(&format!("/record{pointer}"), rule)
    }
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Lines applied.
    pub accepted: u32,
    /// Lines not applied.
    pub refused: Vec<Refused>,
}

impl Report {
    pub(crate) fn add(&mut self, line: u32, applied: Result<(), Refused>) {
        match applied {
            Ok(()) => self.accepted += 1,
            Err(refused) => self.refused.push(Refused { line, ..refused }),
        }
    }
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
