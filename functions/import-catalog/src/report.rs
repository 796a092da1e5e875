//! What became of a file, line by line or row by row.

use serde::Serialize;
use waybill_domain::stock::filing::{Ask, Refusal};
use waybill_lambda::filing::Outcome;
use waybill_lambda::http::Problem;

/// Why a line was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// 1, 2, 3, ...
    pub line: u64,
    /// JSON pointer into the line; of a table's row, `/` and the column.
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

/// What became of a table's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The line of the file in which it begins; the header is in line 1.
    pub row: u64,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Fate {
    /// It is a stock document now.
    Accepted {
        /// Which.
        document: String,
        /// It is a count that disagrees, and a person decides.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        disagrees: bool,
    },
    /// An earlier run has applied it; nothing happened.
    Repeated {
        /// The document it is.
        document: String,
    },
    /// It breaks a rule; nothing happened.
    Refused {
        /// `/` and the column; empty for the row as a whole.
        pointer: String,
        /// The rule.
        rule: String,
    },
}

impl Row {
    /// Not applied.
    #[must_use]
    pub fn refused(row: u64, pointer: String, rule: String) -> Self {
        Self { row, fate: Fate::Refused { pointer, rule } }
    }

    /// What filing came to.
    #[must_use]
    pub fn filed(row: u64, ask: &Ask, outcome: Outcome) -> Self {
        let (pointer, rule) = match outcome {
            Outcome::Stored(document) => {
                let disagrees = document.opens_case();
                return Self { row, fate: Fate::Accepted { document: document.id.to_string(), disagrees } };
            }
            Outcome::Exists(document) => {
                return Self { row, fate: Fate::Repeated { document: document.id.to_string() } };
            }
            refused @ (Outcome::Refused(_) | Outcome::Short(_) | Outcome::Closed) => reason(refused),
        };
        // A row is the one line of its document, and leaves from its own site.
        let column = pointer.strip_prefix("/lines/0").or(pointer.strip_prefix("/lines")).unwrap_or(&pointer);
        let is_from = matches!(ask, Ask::Transfer { .. }) && column == "/from";
        Self::refused(row, if is_from { "/site" } else { column }.to_owned(), rule)
    }
}

/// Why nothing was filed: where, and the rule.
#[must_use]
pub fn reason(outcome: Outcome) -> (String, String) {
    match outcome {
        Outcome::Refused(Refusal::Invalid { pointer, rule }) => (pointer, rule),
        Outcome::Refused(refusal @ (Refusal::Unknown(_) | Refusal::NotNow(_))) => (String::new(), refusal.to_string()),
        Outcome::Short(missing) => missing.into_iter().next().unwrap_or_default(),
        Outcome::Closed => (String::new(), "somebody has decided on it already".to_owned()),
        Outcome::Stored(_) | Outcome::Exists(_) => (String::new(), "was filed".to_owned()),
    }
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Lines or rows applied.
    pub accepted: u32,
    /// Rows that an earlier run had applied.
    #[serde(skip_serializing_if = "is_zero")]
    pub repeated: u32,
    /// Lines or rows not applied.
    pub refused: Vec<Refused>,
    /// Of a table: what became of each row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(rows: &u32) -> bool {
    *rows == 0
}

impl Report {
    pub(crate) fn add(&mut self, line: u64, applied: Result<(), Refused>) {
        match applied {
            Ok(()) => self.accepted += 1,
            Err(refused) => self.refused.push(Refused { line, ..refused }),
        }
    }

    /// With this row.
    #[must_use]
    pub(crate) fn with(mut self, row: Row) -> Self {
        match &row.fate {
            Fate::Accepted { .. } => self.accepted += 1,
            Fate::Repeated { .. } => self.repeated += 1,
            Fate::Refused { pointer, rule } => {
                self.refused.push(Refused { line: row.row, pointer: pointer.clone(), rule: rule.clone() });
            }
        }
        self.rows.push(row);
        self
    }
}
