//! Wires `accounts`: the only file here that names an AWS client.

use accounts::{App, router};
use waybill_aws::{DynamoCatalog, DynamoOrders};
use waybill_lambda::{config::text, http::serve_http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let client = waybill_aws::dynamodb(&waybill_aws::config().await);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let accounts = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    serve_http("accounts", router(App { accounts, catalog })).await
}
