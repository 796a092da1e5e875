//! Each fate of a call and each turn of an event, as caller, service and gate see it.

use super::*;
use serde_json::json;
use std::sync::Mutex;

/// Gives the next call and the next event what was planned, and keeps what it saw.
#[derive(Default)]
struct Planned {
    fate: Mutex<Option<Fate>>,
    turn: Mutex<Option<Turn>>,
    seen: Mutex<Vec<String>>,
}

impl Planned {
    fn saw(&self, what: String) {
        self.seen.lock().unwrap().push(what);
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Gate for Planned {
    fn call(&self, passage: &Passage<'_>) -> Fate {
        self.saw(format!("{} {} by {}", passage.service, passage.operation, passage.process));
        self.fate.lock().unwrap().take().unwrap_or(Fate::Pass)
    }

    fn answered(&self, _: &Passage<'_>, status: u16, _: &[u8]) {
        self.saw(format!("answered {status}"));
    }

    fn event(&self, event: &Event<'_>) -> Turn {
        self.saw(format!("event for {}", event.function));
        self.turn.lock().unwrap().take().unwrap_or(Turn::Deliver)
    }

    fn finished(&self, process: u32) {
        self.saw(format!("{process} finished"));
    }
}

struct Ignore;

impl Observer for Ignore {
    fn saw(&self, _: &Exchange) {}
}

/// Waits until the service was called like this.
async fn until_called(scene: &Scene, wanted: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !scene.calls.lock().unwrap().iter().any(|call| call.contains(wanted)) {
        assert!(Instant::now() < deadline, "{:?}", scene.calls.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A service that counts its calls and, as a runtime interface, gives out numbered events.
async fn service() -> (u16, Arc<Mutex<Vec<String>>>) {
    let calls = Arc::<Mutex<Vec<String>>>::default();
    let kept = Arc::clone(&calls);
    let answer = move |request: Request| async move {
        let path = request.uri().path().to_owned();
        let body = to_bytes(request.into_body(), LARGEST).await.unwrap();
        let mut kept = kept.lock().unwrap();
        kept.push(format!("{path} {}", String::from_utf8_lossy(&body)).trim().to_owned());
        if path.ends_with("/next") {
            let number = kept.iter().filter(|call| call.ends_with("/next")).count();
            let token = if path.contains("/waits/") { r#","taskToken":"t-1""# } else { "" };
            let body = format!(r#"{{"event":{number}{token}}}"#);
            return ([("lambda-runtime-aws-request-id", number.to_string())], body).into_response();
        }
        StatusCode::ACCEPTED.into_response()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await.unwrap() });
    (port, calls)
}

struct Scene {
    proxy: Proxy,
    gate: Arc<Planned>,
    port: u16,
    calls: Arc<Mutex<Vec<String>>>,
    http: reqwest::Client,
}

impl Scene {
    async fn new() -> Self {
        let gate = Arc::new(Planned::default());
        let proxy = Proxy::start(Arc::new(Ignore), Some(gate.clone())).unwrap();
        let (port, calls) = service().await;
        proxy.forward_to(port);
        proxy.forward_partner("stripe", &format!("http://127.0.0.1:{port}"));
        Self { proxy, gate, port, calls, http: crate::aws::client().unwrap() }
    }

    async fn call(&self, fate: Fate) -> reqwest::Result<u16> {
        *self.gate.fate.lock().unwrap() = Some(fate);
        let call = self.http.post(format!("{}/_partner/stripe/0/v1/refunds", self.proxy.url())).body("amount=1");
        call.send().await.map(|answer| answer.status().as_u16())
    }

    fn door(&self, process: u32, rest: &str) -> String {
        let Self { proxy, port, .. } = self;
        format!("{}/_runtime/{process}/pick/{port}/2018-06-01/runtime/invocation/{rest}", proxy.url())
    }

    async fn next(&self, process: u32) -> String {
        self.http.get(self.door(process, "next")).send().await.unwrap().text().await.unwrap()
    }

    async fn answer(&self, process: u32, id: u32) -> u16 {
        let call = self.http.post(self.door(process, &format!("{id}/response"))).body("done");
        call.send().await.unwrap().status().as_u16()
    }

    fn reached(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

#[tokio::test]
async fn a_refused_call_reaches_nobody_and_a_lost_one_does_all_it_was_to_do() {
    let scene = Scene::new().await;
    assert!(scene.call(Fate::Refuse).await.is_err());
    assert_eq!(scene.reached(), 0);
    assert!(scene.call(Fate::Lose).await.is_err());
    assert_eq!(scene.reached(), 1);
    assert_eq!(scene.gate.seen().last().unwrap(), "answered 202");
}

#[tokio::test]
async fn an_answered_call_reaches_nobody_and_gets_the_gates_answer() {
    let scene = Scene::new().await;
    assert_eq!(scene.call(Fate::Answer(429, json!({}))).await.unwrap(), 429);
    assert_eq!(scene.reached(), 0);
    assert_eq!(scene.call(Fate::Pass).await.unwrap(), 202);
    assert_eq!(scene.calls.lock().unwrap()[0], "/v1/refunds amount=1");
    assert_eq!(scene.gate.seen()[0], "stripe POST /v1/refunds by 0");
}

#[tokio::test]
async fn a_stalled_call_takes_effect_though_its_caller_has_gone() {
    let scene = Scene::new().await;
    *scene.gate.fate.lock().unwrap() = Some(Fate::Stall(Duration::from_millis(300)));
    let call = scene.http.post(format!("{}/_partner/stripe/0/v1/refunds", scene.proxy.url()));
    assert!(call.timeout(Duration::from_millis(50)).send().await.is_err());
    assert_eq!(scene.reached(), 0);
    let deadline = Instant::now() + Duration::from_secs(10);
    while scene.reached() == 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(scene.reached(), 1);
}

#[tokio::test]
async fn an_event_delivered_twice_is_answered_once() {
    let scene = Scene::new().await;
    *scene.gate.turn.lock().unwrap() = Some(Turn::Twice);
    assert_eq!(scene.next(7).await, r#"{"event":1}"#);
    assert_eq!(scene.answer(7, 1).await, 202);
    assert_eq!(scene.next(7).await, r#"{"event":1}"#, "again");
    assert_eq!(scene.answer(7, 1).await, 202);
    assert_eq!(scene.next(7).await, r#"{"event":2}"#);
    let calls = scene.calls.lock().unwrap().clone();
    assert_eq!(calls.iter().filter(|call| call.ends_with("/1/response done")).count(), 1, "{calls:?}");
}

#[tokio::test]
async fn an_event_that_is_held_comes_when_the_gate_lets_it_through() {
    let scene = Scene::new().await;
    *scene.gate.turn.lock().unwrap() = Some(Turn::Held(Duration::from_millis(1)));
    assert_eq!(scene.next(7).await, r#"{"event":1}"#);
    let asked = scene.gate.seen().iter().filter(|seen| seen.starts_with("event for")).count();
    assert_eq!((asked, scene.reached()), (2, 1), "asked twice about one event");
}

#[tokio::test]
async fn an_event_that_fails_is_told_to_its_sender_and_never_seen_by_its_function() {
    let scene = Scene::new().await;
    *scene.gate.turn.lock().unwrap() = Some(Turn::Fail);
    assert_eq!(scene.next(7).await, r#"{"event":2}"#);
    let calls = scene.calls.lock().unwrap().clone();
    assert!(calls.iter().any(|call| call.contains("/1/error") && call.contains("Runtime.ExitError")), "{calls:?}");
}

#[tokio::test]
async fn a_process_that_dies_of_its_event_is_gone_and_its_answer_unheard() {
    let scene = Scene::new().await;
    let mut process = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    *scene.gate.turn.lock().unwrap() = Some(Turn::Die);
    scene.next(process.id()).await;
    scene.answer(process.id(), 1).await;
    let ended = process.wait().unwrap();
    assert!(!ended.success());
    assert_eq!(scene.reached(), 1, "the event was taken, its answer went nowhere");
    assert_eq!(scene.gate.seen().last().unwrap(), &format!("{} finished", process.id()));
}

#[tokio::test]
async fn a_task_that_waits_for_a_token_hears_that_its_function_failed_or_died() {
    let scene = Scene::new().await;
    // The service sees the path behind the port: it gives events with a token to doors that lead through `waits`.
    let door = |process: u32, rest: &str| {
        let base = format!("{}/_runtime/{process}/pick/{}", scene.proxy.url(), scene.port);
        format!("{base}/waits/2018-06-01/runtime/invocation/{rest}")
    };
    let event = scene.http.get(door(std::process::id(), "next")).send().await.unwrap().text().await.unwrap();
    assert!(event.contains("t-1"), "{event}");
    let error = scene.http.post(door(std::process::id(), "1/error")).body(r#"{"errorType":"Conflict"}"#);
    error.send().await.unwrap();
    until_called(&scene, r#""error":"Conflict""#).await;

    let mut process = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    scene.http.get(door(process.id(), "next")).send().await.unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    until_called(&scene, r#""error":"Runtime.ExitError""#).await;
}
