#![doc = include_str!("../README.md")]

mod line;

pub use line::{Line, Refused, Report};

use jiff::Timestamp;
use waybill_domain::catalog::{Item, Kind, Site};
use waybill_domain::id::{TenantId, digest_of};
use waybill_domain::ports::{Catalog, Files, Stock, StoreError};
use waybill_lambda::Fault;
use waybill_lambda::record::check;

/// How often a count is applied anew when the level moved meanwhile.
const ATTEMPTS: u32 = 5;

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
    let report = handle(catalog, stock, &tenant, &files.read(&key).await?, now).await?;
    let json = serde_json::to_string(&report).map_err(|error| Fault::Defect(error.into()))?;
    Ok(files.write_json(&report_name, json).await?)
}

/// Applies a file line by line.
///
/// # Errors
/// The tables are not available: the file comes again, and what was applied is applied no second time.
pub async fn handle(
    catalog: &impl Catalog,
    stock: &impl Stock,
    tenant: &TenantId,
    file: &[u8],
    now: Timestamp,
) -> Result<Report, Fault> {
    let digest = digest_of(&[&String::from_utf8_lossy(file)]);
    let mut report = Report::default();
    for (text, number) in file.split(|byte| *byte == b'\n').zip(1_u32..) {
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let applied = match Line::read(text) {
            Ok(Line::Record(kind, body)) => record(catalog, tenant, kind, &body).await?,
            Ok(Line::Count { sku, site, on_hand }) => {
                let id = format!("import-{}-{number}", &digest[..16]);
                count(catalog, stock, tenant, (&sku, &site, on_hand), &id, now).await?
            }
            Err(refused) => Err(refused),
        };
        report.add(number, applied);
    }
    Ok(report)
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

async fn count(
    catalog: &impl Catalog,
    stock: &impl Stock,
    tenant: &TenantId,
    (sku, site, on_hand): (&str, &str, u32),
    id: &str,
    now: Timestamp,
) -> Result<Result<(), Refused>, Fault> {
    let Some(item) = catalog.find::<Item>(tenant, sku).await? else {
        return Ok(Err(Refused::rule("/record/sku", "is not in the catalog")));
    };
    let Some(site) = catalog.find::<Site>(tenant, site).await? else {
        return Ok(Err(Refused::rule("/record/site", "is not in the catalog")));
    };
    for _ in 0..ATTEMPTS {
        match stock.set_on_hand(tenant, &item.sku, &site.id, i64::from(on_hand), id, now).await {
            Ok(Some(_)) => return Ok(Ok(())),
            Ok(None) => return Ok(Err(Refused::rule("/record/on_hand", "is less than what is promised or allocated"))),
            Err(StoreError::Conflict) => {}
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => return Err(error.into()),
        }
    }
    Err(Fault::from(StoreError::Conflict))
}
