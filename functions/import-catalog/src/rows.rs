//! A table of stock documents, one a row: read row by row, so that a broken one breaks no other.

use crate::report::{Report, Row};
use csv::ByteRecord;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::num::IntErrorKind;
use std::str::FromStr;
use waybill_domain::id::{DocumentId, digest_of};
use waybill_domain::ports::{Catalog, Stock};
use waybill_domain::stock::filing::{Action, Ask, Line};
use waybill_domain::stock::{Reason, Stow};
use waybill_domain::text::Text;
use waybill_lambda::Fault;
use waybill_lambda::filing::Desk;

/// The columns a table may have, in any order; `type` it must have.
const COLUMNS: [&str; 14] = [
    "type",
    "sku",
    "site",
    "quantity",
    "reason",
    "reference",
    "bin",
    "lot",
    "serial",
    "expires",
    "to",
    "due",
    "announcement",
    "note",
];
/// The most rows of a file: as many as one run has time for.
const MAX_ROWS: usize = 10_000;
/// What spreadsheets put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A column, and the rule its value breaks.
pub type Broken = (String, String);

fn broken<T>(column: &str, rule: impl Into<String>) -> Result<T, Broken> {
    let pointer = if column.is_empty() { String::new() } else { format!("/{column}") };
    Err((pointer, rule.into()))
}

/// Applies a table row by row.
///
/// # Errors
/// The tables are not available: the file comes again, and what was applied is applied no second time.
pub async fn handle<C: Catalog, S: Stock>(desk: &Desk<'_, C, S>, file: &[u8], now: Timestamp) -> Result<Report, Fault> {
    let route = format!("import {}", digest_of(&[&String::from_utf8_lossy(file)]));
    let table = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
    let mut lines = table.split(|byte| *byte == b'\n').zip(1_u64..).filter(|(line, _)| !line.trim_ascii().is_empty());
    let mut report = Report::default();
    let (first, top) = lines.next().unwrap_or((b"", 1));
    let header = match header(&fields(first)) {
        Ok(header) => header,
        Err((pointer, rule)) => return Ok(report.with(Row::refused(top, pointer, rule))),
    };
    for (count, (line, row)) in lines.enumerate() {
        if count == MAX_ROWS {
            let rule = format!("neither it nor what follows was read: a file has at most {MAX_ROWS} rows");
            return Ok(report.with(Row::refused(row, String::new(), rule)));
        }
        let id = DocumentId::derive(desk.tenant, &route, &row.to_string());
        let outcome = match ask(&header, &fields(line)) {
            Ok(ask) => Row::filed(row, &ask, desk.file(&crate::origin(id, now), &ask, |_| None).await?),
            Err((pointer, rule)) => Row::refused(row, pointer, rule),
        };
        report = report.with(outcome);
    }
    Ok(report)
}

/// The fields of a line. No value has a line break in it, so a quotation mark that is never closed breaks its own row only.
fn fields(line: &[u8]) -> ByteRecord {
    let line = line.trim_ascii_end();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).buffer_capacity(line.len() + 1).from_reader(line);
    let mut record = ByteRecord::new();
    // Bytes in memory can always be read.
    let _ = reader.read_byte_record(&mut record);
    record
}

fn header(record: &ByteRecord) -> Result<Vec<&'static str>, Broken> {
    let mut columns = Vec::new();
    for field in record {
        let name = String::from_utf8_lossy(field).trim().to_owned();
        let Some(known) = COLUMNS.into_iter().find(|known| *known == name) else {
            return broken("", format!("the header must name columns of {}", COLUMNS.join(", ")));
        };
        if columns.contains(&known) {
            return broken(known, "is in the header twice");
        }
        columns.push(known);
    }
    if columns.contains(&"type") { Ok(columns) } else { broken("type", "is not in the header") }
}

/// The values of a row that are not empty, taken out one by one: what is left was not asked for.
struct Values<'a>(BTreeMap<&'static str, &'a str>);

impl<'a> Values<'a> {
    fn read(header: &[&'static str], record: &'a ByteRecord) -> Result<Self, Broken> {
        if record.len() != header.len() {
            return broken("", format!("has {} fields, and the header has {}", record.len(), header.len()));
        }
        let mut values = BTreeMap::new();
        for (column, field) in header.iter().zip(record) {
            let Ok(text) = std::str::from_utf8(field) else { return broken(column, "must be UTF-8") };
            if !text.trim().is_empty() {
                values.insert(*column, text.trim());
            }
        }
        Ok(Self(values))
    }

    fn text(&mut self, column: &str) -> Result<&'a str, Broken> {
        self.0.remove(column).map_or_else(|| broken(column, "is needed"), Ok)
    }

    fn need<T: FromStr<Err: std::fmt::Display>>(&mut self, column: &str) -> Result<T, Broken> {
        self.text(column)?.parse().or_else(|error: T::Err| broken(column, error.to_string()))
    }

    fn may<T: FromStr<Err: std::fmt::Display>>(&mut self, column: &str) -> Result<Option<T>, Broken> {
        if self.0.contains_key(column) { self.need(column).map(Some) } else { Ok(None) }
    }

    fn words<const MAX: usize>(&mut self, column: &str) -> Result<Option<Text<MAX>>, Broken> {
        let Some(text) = self.0.remove(column) else { return Ok(None) };
        Text::try_from(text.to_owned()).map(Some).or_else(|error| broken(column, error.to_string()))
    }

    fn quantity(&mut self) -> Result<i64, Broken> {
        self.text("quantity")?.parse().or_else(|error: std::num::ParseIntError| {
            let is_huge = matches!(error.kind(), IntErrorKind::PosOverflow | IntErrorKind::NegOverflow);
            broken("quantity", if is_huge { "is far too large" } else { "must be a whole number" })
        })
    }

    fn reason(&mut self) -> Result<Option<Reason>, Broken> {
        let Some(text) = self.0.remove("reason") else { return Ok(None) };
        let reason = serde_json::from_value(text.into());
        reason.map(Some).or_else(|_| broken("reason", "is none of the reasons for an adjustment"))
    }

    fn line(&mut self) -> Result<Line, Broken> {
        let line = Line::new(self.need("sku")?, self.quantity()?);
        let stow = Stow {
            expires: self.may("expires")?,
            lot: self.may("lot")?,
            serial: self.may("serial")?,
            bin: self.may("bin")?,
        };
        Ok(Line { stow, ..line })
    }
}

/// What a row asks for.
fn ask(header: &[&'static str], record: &ByteRecord) -> Result<Ask, Broken> {
    let mut values = Values::read(header, record)?;
    let kind = values.text("type")?;
    let ask = match kind {
        "receipt" => Ask::Receive {
            lines: vec![values.line()?],
            site: values.need("site")?,
            announcement: values.may("announcement")?,
            reference: values.words("reference")?,
        },
        "announcement" => Ask::Announce {
            lines: vec![Line::new(values.need("sku")?, values.quantity()?)],
            site: values.need("site")?,
            due: values.need("due")?,
            reference: values.words("reference")?,
        },
        "transfer" => Ask::Transfer {
            lines: vec![values.line()?],
            from: values.need("site")?,
            to: values.need("to")?,
            due: values.need("due")?,
            reference: values.words("reference")?,
        },
        "adjustment" => Ask::Adjust {
            lines: vec![Line { reason: values.reason()?, ..values.line()? }],
            site: values.need("site")?,
            action: Action::Adjust,
            note: values.words("note")?,
        },
        "count" => Ask::Count { lines: vec![values.line()?], site: values.need("site")?, write_off_held: false },
        _ => return broken("type", "must be receipt, announcement, transfer, adjustment or count"),
    };
    match values.0.keys().next() {
        Some(column) => broken(column, format!("is not for a {kind}: leave it empty")),
        None => Ok(ask),
    }
}
