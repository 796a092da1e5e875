//! Wires `stock`: the only file here that names an AWS client.

use stock::{App, Recent, router};
use waybill_aws::{DynamoCatalog, DynamoStatements, DynamoStock};
use waybill_lambda::{config::text, http::serve_http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let client = waybill_aws::dynamodb(&waybill_aws::config().await);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let (orders, table) = (text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let stock = DynamoStock::new(client.clone(), table.as_str());
    let statements = DynamoStatements::new(client, orders, table);
    serve_http("stock", router(App { catalog, stock, statements, recent: Recent::default() })).await
}
