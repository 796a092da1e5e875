//! An embedded DynamoDB with the tables of orders and stock, and what the stream of stock tells.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification,
    StreamViewType,
};
use serde_json::{Value, json};

pub const ORDERS: &str = "orders";
pub const STOCK: &str = "stock";

pub struct Database {
    pub client: Client,
    url: String,
    stream: String,
}

impl Database {
    pub async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(&url);
        let client = Client::from_conf(config.build());
        create(&client, ORDERS).await;
        let stream = create(&client, STOCK).await;
        Self { client, url, stream }
    }

    /// Every record of the stream of stock so far, as Lambda hands them over: of counters only, as the trigger's filter
    /// has it.
    pub async fn records(&self) -> Vec<Value> {
        let described = self.ask("DescribeStream", json!({"StreamArn": self.stream})).await;
        let mut records = Vec::new();
        for shard in described["StreamDescription"]["Shards"].as_array().unwrap() {
            let from = json!({"StreamArn": self.stream, "ShardId": shard["ShardId"],
                "ShardIteratorType": "TRIM_HORIZON"});
            let mut iterator = self.ask("GetShardIterator", from).await["ShardIterator"].clone();
            loop {
                let page = self.ask("GetRecords", json!({"ShardIterator": iterator})).await;
                let rows = page["Records"].as_array().cloned().unwrap_or_default();
                if rows.is_empty() {
                    break;
                }
                records.extend(rows);
                iterator = page["NextShardIterator"].clone();
            }
        }
        let is_counter = |record: &Value| {
            let sk = record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap_or_default();
            sk == "ATP" || sk.starts_with("SITE#") || sk.starts_with("ANNOUNCED#")
        };
        records.into_iter().filter(is_counter).collect()
    }

    async fn ask(&self, action: &str, body: Value) -> Value {
        let scope = "AWS4-HMAC-SHA256 Credential=test/20261102/us-east-1/dynamodb/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature=0";
        let asked = reqwest::Client::new()
            .post(&self.url)
            .header("x-amz-target", format!("DynamoDBStreams_20120810.{action}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20261102T120000Z")
            .header("authorization", scope)
            .body(body.to_string());
        let answer = asked.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

/// The table with its stream, whose name comes back.
async fn create(client: &Client, table: &str) -> String {
    let attribute = |name: &str| {
        let text = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        text.build().unwrap()
    };
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let images = StreamViewType::NewAndOldImages;
    let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(images).build().unwrap();
    let create = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("sk"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .stream_specification(stream);
    let made = create.send().await.unwrap();
    made.table_description().unwrap().latest_stream_arn().unwrap_or_default().to_owned()
}
