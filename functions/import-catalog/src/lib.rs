#![doc = include_str!("../README.md")]

mod line;
mod report;
mod rows;

pub use line::Line;
pub use report::{Fate, Refused, Report, Row};

use jiff::Timestamp;
use report::reason;
use std::path::Path;
use waybill_domain::catalog::Kind;
use waybill_domain::id::{DocumentId, TenantId, digest_of};
use waybill_domain::order::Actor;
use waybill_domain::ports::{Catalog, Files, Stock};
use waybill_domain::stock::filing::{Ask, Origin};
use waybill_lambda::Fault;
use waybill_lambda::filing::{Desk, Outcome};
use waybill_lambda::record::check;

/// The name of an object as S3's events spell it: URL-encoded, with `+` for a space.
#[must_use]
pub fn decoded(key: &str) -> String {
    form_urlencoded::parse(format!("key={key}").as_bytes()).next().map(|(_, key)| key.into_owned()).unwrap_or_default()
}

/// The tenant whose file `key` is, and where its report goes.
#[must_use]
pub fn place_of(key: &str) -> Option<(TenantId, String)> {
    let (tenant, file) = key.strip_prefix("imports/")?.split_once('/')?;
    Some((tenant.parse().ok()?, format!("reports/{tenant}/{file}.json")))
}

fn is_table(key: &str) -> bool {
    Path::new(key).extension().is_some_and(|kind| kind.eq_ignore_ascii_case("csv"))
}

/// Imports every file that an event names; one that fails does not keep the others from being imported.
///
/// # Errors
/// As [`import`], the first of them.
pub async fn import_all(
    files: &impl Files,
    catalog: &impl Catalog,
    stock: &impl Stock,
    keys: Vec<String>,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut imported = Ok(());
    for key in keys {
        imported = imported.and(import(files, catalog, stock, &key, now).await);
    }
    imported
}

/// Imports the file that an event of S3 names, and leaves the report on it.
///
/// # Errors
/// It is in no tenant's folder; bucket or tables are not available.
pub async fn import(
    files: &impl Files,
    catalog: &impl Catalog,
    stock: &impl Stock,
    key: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let key = decoded(key);
    let (tenant, report_name) = place_of(&key).ok_or_else(|| Fault::defect("the file is in no tenant's folder"))?;
    let (desk, file) = (Desk { catalog, stock, tenant: &tenant }, files.read(&key).await?);
    let report =
        if is_table(&key) { rows::handle(&desk, &file, now).await? } else { handle(&desk, &file, now).await? };
    let json = serde_json::to_string(&report).map_err(|error| Fault::Defect(error.into()))?;
    Ok(files.write_json(&report_name, json).await?)
}

/// Applies a file of JSON lines, line by line.
///
/// # Errors
/// The tables are not available: the file comes again, and what was applied is applied no second time.
pub async fn handle<C: Catalog, S: Stock>(desk: &Desk<'_, C, S>, file: &[u8], now: Timestamp) -> Result<Report, Fault> {
    let route = format!("import {}", digest_of(&[&String::from_utf8_lossy(file)]));
    let mut report = Report::default();
    for (text, number) in file.split(|byte| *byte == b'\n').zip(1_u64..) {
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let applied = match Line::read(text) {
            Ok(Line::Record(kind, body)) => record(desk.catalog, desk.tenant, kind, &body).await?,
            Ok(Line::Count { sku, site, on_hand }) => {
                let id = DocumentId::derive(desk.tenant, &route, &number.to_string());
                set(desk, &Ask::SetOnHand { sku, site, on_hand }, &origin(id, now)).await?
            }
            Err(refused) => Err(refused),
        };
        report.add(number, applied);
    }
    Ok(report)
}

/// A document that a file makes.
fn origin(id: DocumentId, at: Timestamp) -> Origin {
    Origin { id, at, actor: Actor("import".to_owned()) }
}

async fn record(
    catalog: &impl Catalog,
    tenant: &TenantId,
    kind: Kind,
    body: &[u8],
) -> Result<Result<(), Refused>, Fault> {
    let (id, record) = match check(kind, body) {
        Ok(checked) => checked,
        Err(problem) => return Ok(Err(Refused::because(&problem))),
    };
    if kind == Kind::Client && record["tenant"].as_str() != Some(tenant.as_str()) {
        return Ok(Err(Refused::rule("/record/tenant", "must be the tenant of the file")));
    }
    catalog.put(tenant, kind, &id, &record).await?;
    Ok(Ok(()))
}

/// Sets what is on hand: even where nothing is to be moved, a document keeps that the line was applied.
async fn set<C: Catalog, S: Stock>(
    desk: &Desk<'_, C, S>,
    ask: &Ask,
    origin: &Origin,
) -> Result<Result<(), Refused>, Fault> {
    match desk.file(origin, ask, |_| None).await? {
        Outcome::Stored(_) | Outcome::Exists(_) => Ok(Ok(())),
        Outcome::Short(_) => Ok(Err(Refused::rule("/record/on_hand", "is less than what is allocated or held there"))),
        refused @ (Outcome::Refused(_) | Outcome::Closed) => {
            let (pointer, rule) = reason(refused);
            Ok(Err(Refused::rule(&format!("/record{pointer}"), &rule)))
        }
    }
}
