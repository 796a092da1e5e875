//! Wires `import-catalog`: the only file here that names an AWS client.

use aws_lambda_events::s3::S3Event;
use import_catalog::{decoded, handle, place_of};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use waybill_aws::{DynamoCatalog, DynamoStock, Files};
use waybill_lambda::{Fault, Halt, config::text, now, report::Invocation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let stock = DynamoStock::new(client, text("STOCK_TABLE")?);
    let files = Files::new(&aws, text("FILES_BUCKET")?);
    let import = async |key: &str| {
        let (tenant, report_name) = place_of(key).ok_or_else(|| Fault::defect("the file is in no tenant's folder"))?;
        let report = handle(&catalog, &stock, &tenant, &files.read(key).await?, now()).await?;
        let json = serde_json::to_string(&report).map_err(|error| Fault::Defect(error.into()))?;
        files.write_json(&report_name, json).await.map_err(Fault::from)
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<S3Event>| {
        let invocation = Invocation::begin("import-catalog");
        let keys = event.payload.records.into_iter().filter_map(|record| record.s3.object.key);
        let mut imported = Ok(());
        for key in keys {
            imported = imported.and(Box::pin(import(&decoded(&key))).await);
        }
        let outcome = imported.as_ref().map_or_else(Fault::chain, |()| "done".to_owned());
        invocation.end(None, &[], &outcome, imported.is_err());
        imported.map_err(|fault| Diagnostic::from(Halt::Fault(fault)))
    }))
    .await
}
