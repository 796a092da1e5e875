//! Wires `stock`: the only file here that names an AWS client.

use stock::{App, Recent, router};
use waybill_aws::{DynamoCatalog, DynamoStock};
use waybill_lambda::{config::text, http::serve_http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let client = waybill_aws::dynamodb(&waybill_aws::config().await);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let stock = DynamoStock::new(client, text("STOCK_TABLE")?);
    serve_http("stock", router(App { catalog, stock, recent: Recent::default() })).await
}
