//! Wires `command-orders`: the only file here that names an AWS client.

use command_orders::{App, router};
use waybill_aws::{DynamoCatalog, DynamoOrders};
use waybill_lambda::{config::text, http::serve_http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let client = waybill_aws::dynamodb(&waybill_aws::config().await);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    serve_http("command-orders", router(App { orders, catalog })).await
}
