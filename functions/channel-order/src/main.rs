//! Wires `channel-order`: the only file here that names an AWS client.

use channel_order::{Refusal, handle};
use waybill_aws::{DeadLetters, DynamoCatalog, DynamoOrders};
use waybill_lambda::{Fault, batch::serve_messages, config::text};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let dead = DeadLetters::new(&aws, text("CHANNEL_DLQ_URL")?);
    let place = async |message: aws_lambda_events::sqs::SqsMessage, now| {
        let body = message.body.unwrap_or_default();
        match Box::pin(handle(&orders, &catalog, &body, now)).await {
            Ok(order) => Ok(Some(order.to_string())),
            Err(Refusal::Never(reason)) => dead.bury(&body, &reason).await.map(|()| None).map_err(Fault::from),
            Err(Refusal::Fault(fault)) => Err(fault),
        }
    };
    serve_messages("channel-order", place).await
}
