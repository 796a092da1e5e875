//! Wires `route`: the only file here that names an AWS client.

use waybill_aws::{DynamoCatalog, DynamoOrders, DynamoStock};
use waybill_lambda::{Stage, config::text};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let stock = DynamoStock::new(client.clone(), text("STOCK_TABLE")?);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    waybill_lambda::serve(Stage::Route, async |input, now| {
        Box::pin(route::handle(&orders, &stock, &catalog, input, now)).await
    })
    .await
}
