//! The embedded DynamoDB as what carries a client's requests: each is handed to it within this process, without a socket.
//!
//! All else of a client is as it ships: requests are written, signed and read as for DynamoDB.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// Carries requests to `store`.
pub fn client(store: Database) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Embedded(store));
    http_client_fn(move |_, _| connector.clone())
}

struct Embedded(Database);

impl fmt::Debug for Embedded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Embedded")
    }
}

impl HttpConnector for Embedded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.answer(&request))
    }
}

impl Embedded {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let body = request.body().bytes().ok_or_else(|| ConnectorError::user("a request without a body".into()))?;
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let (status, body) = match self.run(target.rsplit('.').next().unwrap_or_default(), body) {
            Ok(answer) => (200, answer),
            Err(error) => (error.status_code(), error.to_json()),
        };
        let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(HttpResponse::new(status, body.into()))
    }

    /// What the adapters ask for.
    fn run(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let Self(store) = self;
        match operation {
            "BatchGetItem" => answered(body, |asked| store.batch_get_item(asked)),
            "CreateTable" => answered(body, |asked| store.create_table(asked)),
            "DeleteItem" => answered(body, |asked| store.delete_item(asked)),
            "GetItem" => answered(body, |asked| store.get_item(asked)),
            "PutItem" => answered(body, |asked| store.put_item(asked)),
            "Query" => answered(body, |asked| store.query(asked)),
            "Scan" => answered(body, |asked| store.scan(asked)),
            "TransactWriteItems" => answered(body, |asked| store.transact_write_items(without_token(asked))),
            "UpdateItem" => answered(body, |asked| store.update_item(asked)),
            _ => Err(DynoxideError::ValidationException(format!("{operation} is not carried"))),
        }
    }
}

/// Here nothing is sent twice. The store keeps every token for ten minutes and looks through all of them at each further
/// transaction: a cost that grows with the sale, and not one of DynamoDB's.
fn without_token(asked: TransactWriteItemsRequest) -> TransactWriteItemsRequest {
    TransactWriteItemsRequest { client_request_token: None, ..asked }
}

fn answered<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    run: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let unreadable = |error: serde_json::Error| DynoxideError::SerializationException(error.to_string());
    let answer = run(serde_json::from_slice(body).map_err(unreadable)?)?;
    serde_json::to_string(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
