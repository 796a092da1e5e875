//! The three tables, as the template declares them, on a server of their own.

use crate::expressions::NoArithmetic;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use waybill_aws::{DynamoOrders, DynamoStatements, DynamoStock};

/// The table of orders.
pub const ORDERS: &str = "orders";
/// The table of stock.
pub const STOCK: &str = "stock";
/// The table of master data.
pub const CATALOG: &str = "catalog";

/// A client of the server at `url`, which asks once and lets no condition with arithmetic pass.
pub fn client(url: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(url)
        .interceptor(NoArithmetic);
    Client::from_conf(config.build())
}

/// An empty database, served until the test's runtime ends.
pub async fn database() -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
    let client = client(&url);
    create(&client, ORDERS, &["day", "customer", "reference", "queue", "due"]).await;
    create(&client, STOCK, &[]).await;
    create(&client, CATALOG, &[]).await;
    client
}

/// Empty stores.
pub async fn world() -> (DynamoOrders, DynamoStock, DynamoStatements) {
    let client = database().await;
    let stock = DynamoStock::new(client.clone(), STOCK);
    (DynamoOrders::new(client.clone(), ORDERS, STOCK), stock, DynamoStatements::new(client, ORDERS, STOCK))
}

async fn create(client: &Client, table: &str, indexes: &[&str]) {
    let mut create = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for name in std::iter::once(String::new()).chain(indexes.iter().map(|index| format!("{index}_"))) {
        let (pk, sk) = (format!("{name}pk"), format!("{name}sk"));
        create = create.attribute_definitions(attribute(&pk)).attribute_definitions(attribute(&sk));
        let keys = [key(&pk, KeyType::Hash), key(&sk, KeyType::Range)];
        create = if name.is_empty() {
            create.set_key_schema(Some(keys.to_vec()))
        } else {
            create.global_secondary_indexes(index(name.trim_end_matches('_'), keys.to_vec()))
        };
    }
    create.send().await.unwrap();
}

fn index(name: &str, keys: Vec<KeySchemaElement>) -> GlobalSecondaryIndex {
    let projection = if name == "day" {
        let shown = ["order_status", "payment_status", "fulfillment_status", "channel"].map(str::to_owned);
        Projection::builder().projection_type(ProjectionType::Include).set_non_key_attributes(Some(shown.to_vec()))
    } else {
        Projection::builder().projection_type(ProjectionType::KeysOnly)
    };
    let index = GlobalSecondaryIndex::builder().index_name(format!("by_{name}")).set_key_schema(Some(keys));
    index.projection(projection.build()).build().unwrap()
}

fn attribute(name: &str) -> AttributeDefinition {
    let text = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    text.build().unwrap()
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}
