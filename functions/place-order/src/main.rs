//! Wires `place-order`: the only file here that names an AWS client.

use place_order::{App, router};
use waybill_aws::{DynamoCatalog, DynamoOrders, DynamoStock, SOLD_OUT_FOR};
use waybill_lambda::{config::text, http::serve_http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let client = waybill_aws::dynamodb(&waybill_aws::config().await);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let stock = DynamoStock::new(client.clone(), text("STOCK_TABLE")?);
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let orders = orders.remembering_sold_out(SOLD_OUT_FOR);
    serve_http("place-order", router(App { orders, stock, catalog })).await
}
