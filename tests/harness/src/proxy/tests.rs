//! The proxy between a client and a server that echoes what it got.

use super::*;
use serde_json::json;
use std::sync::Mutex;

#[derive(Default)]
struct Seen(Mutex<Vec<Exchange>>);

impl Observer for Seen {
    fn saw(&self, exchange: &Exchange) {
        self.0.lock().unwrap().push(exchange.clone());
    }
}

/// Answers with the request's headers and body, and with a consumed capacity when asked.
async fn upstream() -> u16 {
    let echo = |request: Request| async move {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LARGEST).await.unwrap();
        let mut answer = Response::new(Body::from(body.clone()));
        if let Ok(Value::Object(fields)) = serde_json::from_slice(&body) {
            let got = json!({"got": fields, "ConsumedCapacity": {"CapacityUnits": 1.0}});
            answer = Response::new(Body::from(got.to_string()));
        }
        for (name, value) in &parts.headers {
            let seen = HeaderName::try_from(format!("seen-{name}")).unwrap();
            answer.headers_mut().append(seen, value.clone());
        }
        answer.headers_mut().insert("seen-path", parts.uri.to_string().parse().unwrap());
        answer
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(echo)).await.unwrap() });
    port
}

async fn between() -> (Proxy, Arc<Seen>, reqwest::Client) {
    let seen = Arc::new(Seen::default());
    let proxy = Proxy::start(seen.clone(), None).unwrap();
    proxy.forward_to(upstream().await);
    (proxy, seen, crate::aws::client().unwrap())
}

const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=ASIAKEY/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=1";

#[tokio::test]
async fn bytes_and_headers_pass_unchanged() {
    let (proxy, seen, http) = between().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();

    let sent = http
        .put(format!("{}/bucket/a%20b?x-id=PutObject&y", proxy.url()))
        .header("authorization", SIGNED)
        .header("host", "bucket.example")
        .header("x-amz-meta-odd", "a  b")
        .body(bytes.clone());
    let answer = sent.send().await.unwrap();

    assert_eq!(answer.headers()["seen-authorization"], SIGNED);
    assert_eq!(answer.headers()["seen-host"], "bucket.example");
    assert_eq!(answer.headers()["seen-x-amz-meta-odd"], "a  b");
    assert_eq!(answer.headers()["seen-path"], "/bucket/a%20b?x-id=PutObject&y");
    assert_eq!(answer.bytes().await.unwrap(), bytes);
    let seen = seen.0.lock().unwrap();
    assert_eq!((seen[0].service.as_str(), seen[0].access_key.as_str()), ("s3", "ASIAKEY"));
}

#[tokio::test]
async fn a_json_call_that_is_not_metered_keeps_every_byte() {
    let (proxy, seen, http) = between().await;
    let odd = "[ 1,2 ]\n";
    let sent = http.post(proxy.url()).header("x-amz-target", "AWSStepFunctions.SendTaskSuccess").body(odd);
    assert_eq!(sent.send().await.unwrap().text().await.unwrap(), odd);
    assert_eq!(seen.0.lock().unwrap()[0].operation, "SendTaskSuccess");
}

#[tokio::test]
async fn capacity_is_asked_for_and_taken_out_again() {
    let (proxy, seen, http) = between().await;
    proxy.sign_for(BTreeMap::from([("ASIAKEY".to_owned(), "secret".to_owned())]));
    let body = r#"{"TableName":"t"}"#;
    let sent = http.post(proxy.url()).header("x-amz-target", "DynamoDB_20120810.GetItem").body(body);
    let sent = sent.header("authorization", SIGNED).header("x-amz-date", "20261122T000000Z");
    let answer = sent.send().await.unwrap();

    assert_ne!(answer.headers()["seen-authorization"], SIGNED, "signed again");
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer, json!({"got": {"TableName": "t", "ReturnConsumedCapacity": "INDEXES"}}));
    assert_eq!(seen.0.lock().unwrap()[0].answer["ConsumedCapacity"]["CapacityUnits"], 1.0);
}

#[tokio::test]
async fn a_caller_who_asked_gets_its_capacity() {
    let (proxy, _, http) = between().await;
    let body = json!({"TableName": "t", "ReturnConsumedCapacity": "INDEXES"}).to_string();
    let sent = http.post(proxy.url()).header("x-amz-target", "DynamoDB_20120810.Query").body(body);
    let answer: Value = sent.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["ConsumedCapacity"]["CapacityUnits"], 1.0);
}

#[tokio::test]
async fn a_call_with_nobody_behind_is_a_bad_gateway() {
    let proxy = Proxy::start(Arc::new(Seen::default()), None).unwrap();
    proxy.forward_to(crate::processes::free_port().unwrap());
    let answer = crate::aws::client().unwrap().get(proxy.url()).send().await.unwrap();
    assert_eq!(answer.status(), 502);
}
