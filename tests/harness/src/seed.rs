//! The master data of a local run: who the app clients are, and the catalog file.

use crate::api::{Role, poll_until};
use crate::aws::Aws;
use crate::error::{Error, Result};
use crate::stack::Stack;
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::time::Duration;

/// The catalog that the demo and the tests order from.
const FILE: &str = "tests/seed/catalog.ndjson";
/// The store of the seed that the store client acts for.
const STORE: &str = "demo";
/// Long enough for a thousand lines on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// Tells whose the four app clients are. No API route can: without this no client belongs to a tenant.
///
/// # Errors
/// When the catalog table refuses.
pub async fn clients(aws: &Aws, stack: &Stack, tenant: &str) -> Result<()> {
    let table = stack.output("CatalogTableName")?;
    for role in Role::ALL {
        aws.put_item(table, &client_item(role.client(stack)?, role, tenant)).await?;
    }
    Ok(())
}

/// An app client as the catalog keeps it. Only the store client acts for a store.
fn client_item(client: &str, role: Role, tenant: &str) -> Value {
    let mut record = json!({"id": client, "tenant": tenant, "role": role.name()});
    if role == Role::Store {
        record["store"] = STORE.into();
    }
    json!({
        "pk": {"S": format!("CLIENT#{client}")},
        "sk": {"S": "CLIENT"},
        "body": {"S": record.to_string()},
    })
}

/// Imports the catalog file through the bucket, as an operator would, and reads the report.
///
/// # Errors
/// When the file is missing, no report comes, or it tells of refused lines.
pub async fn catalog(aws: &Aws, workspace: &Workspace, stack: &Stack, tenant: &str) -> Result<Value> {
    let file = workspace.path(FILE);
    let lines = std::fs::read(&file).map_err(Error::at("read", &file))?;
    import(aws, stack, &format!("{tenant}/catalog.ndjson"), lines).await
}

/// Uploads `lines` under `imports/` and waits for the report under `reports/`.
///
/// # Errors
/// As [`catalog`].
pub async fn import(aws: &Aws, stack: &Stack, name: &str, lines: Vec<u8>) -> Result<Value> {
    let bucket = stack.output("FilesBucketName")?;
    aws.put_object(bucket, &format!("imports/{name}"), lines).await?;
    let report = report_key(name);
    let text = poll_until(PATIENCE, "the import's report", async || {
        let found = aws.object_bytes(bucket, &report).await?;
        Ok(found.ok_or_else(|| format!("no object {report}")))
    });
    let report: Value = serde_json::from_slice(&text.await?).map_err(Error::json("the import's report"))?;
    match report["refused"].as_array() {
        Some(refused) if !refused.is_empty() => Err(Error::Setup(format!("the import refused lines: {report}"))),
        Some(_) | None => Ok(report),
    }
}

/// Where the report of an imported file is.
fn report_key(name: &str) -> String {
    format!("reports/{name}.json")
}
