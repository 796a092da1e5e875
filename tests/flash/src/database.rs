//! An embedded DynamoDB, within this process or served on loopback, and clients of it.

use crate::embedded;
use crate::meter::{Meter, Metering};
use crate::sabotage::Unconditional;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};

/// What can go wrong here.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The table of orders.
pub const ORDERS: &str = "orders";
/// The table of stock.
pub const STOCK: &str = "stock";
/// The table of master data.
pub const CATALOG: &str = "catalog";

/// How clients reach the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Within the process: a request is handed over without a socket.
    Within,
    /// Over HTTP on loopback.
    Http,
}

/// An embedded DynamoDB with the three tables as the template declares them, streams off.
#[derive(Clone, Debug)]
pub struct Database {
    url: String,
    within: Option<SharedHttpClient>,
}

impl Database {
    /// An empty one, until the runtime ends.
    ///
    /// # Errors
    /// No port is free, or a table cannot be made.
    pub async fn start(reach: Reach) -> Result<Self, Error> {
        let store = dynoxide::Database::memory()?;
        let database = match reach {
            Reach::Within => Self { url: "http://within".to_owned(), within: Some(embedded::client(store)) },
            Reach::Http => {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
                let url = format!("http://{}", listener.local_addr()?);
                tokio::spawn(dynoxide::server::serve_on(listener, store));
                Self { url, within: None }
            }
        };
        let client = database.client(None, false);
        for (table, indexes) in
            [(ORDERS, &["day", "customer", "reference", "queue", "due"][..]), (STOCK, &[]), (CATALOG, &[])]
        {
            create(&client, table, indexes).await?;
        }
        Ok(database)
    }

    /// A client, counted by `meter`; with `is_sabotaged`, none of its conditions on counters reach the database.
    #[must_use]
    pub fn client(&self, meter: Option<Meter>, is_sabotaged: bool) -> Client {
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&self.url);
        config.set_http_client(self.within.clone());
        if is_sabotaged {
            config = config.interceptor(Unconditional);
        }
        if let Some(meter) = meter {
            config = config.interceptor(Metering::new(meter));
        }
        Client::from_conf(config.build())
    }
}

async fn create(client: &Client, table: &str, indexes: &[&str]) -> Result<(), Error> {
    let mut create = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for name in std::iter::once(String::new()).chain(indexes.iter().map(|index| format!("{index}_"))) {
        let (pk, sk) = (format!("{name}pk"), format!("{name}sk"));
        create = create.attribute_definitions(attribute(&pk)?).attribute_definitions(attribute(&sk)?);
        let keys = vec![key(&pk, KeyType::Hash)?, key(&sk, KeyType::Range)?];
        create = if name.is_empty() {
            create.set_key_schema(Some(keys))
        } else {
            create.global_secondary_indexes(index(name.trim_end_matches('_'), keys)?)
        };
    }
    create.send().await?;
    Ok(())
}

/// As the template declares it: keys, and what lists by day filter on.
fn index(name: &str, keys: Vec<KeySchemaElement>) -> Result<GlobalSecondaryIndex, Error> {
    let projection = if name == "day" {
        let shown = ["order_status", "payment_status", "fulfillment_status", "channel"].map(str::to_owned);
        Projection::builder().projection_type(ProjectionType::Include).set_non_key_attributes(Some(shown.to_vec()))
    } else {
        Projection::builder().projection_type(ProjectionType::KeysOnly)
    };
    let index = GlobalSecondaryIndex::builder().index_name(format!("by_{name}")).set_key_schema(Some(keys));
    Ok(index.projection(projection.build()).build()?)
}

fn attribute(name: &str) -> Result<AttributeDefinition, Error> {
    Ok(AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()?)
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, Error> {
    Ok(KeySchemaElement::builder().attribute_name(name).key_type(kind).build()?)
}
