//! A server that answers what it is told to, and the domain values that calls need.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_domain::address::Address;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::Packing;
use waybill_domain::ports::{Hold, Parcel, PartnerError};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub fn money(minor: i64, code: &str) -> Money {
    Money::new(minor, Currency::try_from(code.to_owned()).unwrap())
}

/// What `Hold` borrows.
pub struct Sale {
    tenant: TenantId,
    order: OrderId,
}

impl Sale {
    pub fn new() -> Self {
        let tenant: TenantId = "acme".parse().unwrap();
        Self { order: OrderId::derive(&tenant, "POST /orders", "k-1"), tenant }
    }

    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    pub fn order(&self) -> &OrderId {
        &self.order
    }

    /// For tender 1, with nobody there to ask.
    pub fn hold<'a>(&'a self, method: &'a str, minor: i64, key: &'a str) -> Hold<'a> {
        Hold {
            tenant: &self.tenant,
            order: &self.order,
            tender: 1,
            method,
            customer: None,
            amount: money(minor, "USD"),
            return_url: None,
            key,
        }
    }
}

/// What `Parcel` borrows.
pub struct Consignment {
    from: Address,
    to: Address,
    packing: Packing,
}

impl Consignment {
    pub fn new() -> Self {
        let address = |json: Value| serde_json::from_value(json).unwrap();
        let packing =
            json!({"carton": "box-1", "weight_grams": 1000, "length_mm": 300, "width_mm": 200, "height_mm": 100});
        Self {
            from: address(json!({
                "name": "Acme Warehouse", "line1": "417 Montgomery Street", "line2": "5th Floor", "city": "San Francisco",
                "region": "CA", "postal_code": "94104", "country": "US",
            })),
            to: address(json!({
                "name": "Jane Roe", "line1": "179 N Harbor Dr", "city": "Redondo Beach", "region": "CA",
                "postal_code": "90277", "country": "US",
            })),
            packing: serde_json::from_value(packing).unwrap(),
        }
    }

    pub fn parcel<'a>(&'a self, reference: &'a str) -> Parcel<'a> {
        let (from, to, packing) = (&self.from, &self.to, &self.packing);
        Parcel { reference, from, from_phone: Some("4153334445"), to, to_phone: None, packing }
    }
}

/// Answers `verb` on `at` with `status` and `body`.
pub async fn answer(server: &MockServer, verb: &str, at: &str, status: u16, body: &Value) {
    let template = ResponseTemplate::new(status).set_body_json(body).insert_header("Request-Id", "req_1");
    Mock::given(method(verb)).and(path(at)).respond_with(template).mount(server).await;
}

/// A server with one answer.
pub async fn answering(verb: &str, at: &str, status: u16, body: &Value) -> MockServer {
    let server = MockServer::start().await;
    answer(&server, verb, at, status, body).await;
    server
}

/// The calls the server got, in order.
pub async fn calls(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

/// A form body.
pub fn form(request: &Request) -> BTreeMap<String, String> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

/// What was asked for in the address.
pub fn query(request: &Request) -> BTreeMap<String, String> {
    request.url.query_pairs().into_owned().collect()
}

/// What kind of failure it is, with a refusal's code; its text is checked for what must not be in it.
pub fn kind(error: &PartnerError) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(source) = cause {
        shown = format!("{shown} {source} {source:?}");
        cause = source.source();
    }
    for hidden in ["hush", "Jane", "Harbor", "90277"] {
        assert!(!shown.contains(hidden), "{hidden} shows in {shown}");
    }
    match error {
        PartnerError::Unavailable(_) => "unavailable".to_owned(),
        PartnerError::Spent(_) => "spent".to_owned(),
        PartnerError::Broken(_) => "broken".to_owned(),
        PartnerError::Refused { code, .. } => format!("refused {code}"),
    }
}

/// A server that hangs up on every call it has read, and its address.
pub async fn rude_server() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
            drop(stream);
        }
    });
    format!("http://{address}")
}
