//! Wires `await-stock`: the only file here that names an AWS client.

use waybill_aws::DynamoOrders;
use waybill_lambda::{Stage, config::text};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    waybill_lambda::serve(Stage::AwaitStock, async |input, now| await_stock::handle(&orders, input, now).await).await
}
