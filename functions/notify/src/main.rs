//! Wires `notify`: the only file here that names an AWS client.

use waybill_aws::{DynamoCatalog, DynamoOrders, SesMailer};
use waybill_lambda::{batch::serve_messages, config::text};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let mailer = SesMailer::new(&aws, text("SENDER_EMAIL")?);
    let send = async |message: aws_lambda_events::sqs::SqsMessage, now| {
        notify::handle(&orders, &catalog, &mailer, message.body.as_deref().unwrap_or_default(), now).await
    };
    serve_messages("notify", send).await
}
