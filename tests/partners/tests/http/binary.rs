//! The program: says where it answers, and leaves when it should.

use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

async fn start(arguments: &[&str]) -> (Child, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waybill-partners"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = timeout(SOON, lines.next_line()).await.unwrap().unwrap().unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

async fn answers(urls: &Value, name: &str) -> bool {
    let url = format!("{}/_control/books", urls[name].as_str().unwrap());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.get(url).send().await.is_ok_and(|answer| answer.status() == 200)
}

#[tokio::test]
async fn it_answers_where_it_says_and_ends_with_its_standard_input() {
    let (mut child, urls) = start(&["--exit-with-stdin"]).await;
    assert!(answers(&urls, "stripe").await && answers(&urls, "easypost").await);
    drop(child.stdin.take());
    assert!(timeout(SOON, child.wait()).await.unwrap().unwrap().success());
    assert!(!answers(&urls, "stripe").await);
}

#[tokio::test]
async fn it_ends_in_peace_when_terminated() {
    let (mut child, urls) = start(&[]).await;
    drop(child.stdin.take());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(answers(&urls, "easypost").await, "it ended with its standard input, unasked");
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert!(timeout(SOON, child.wait()).await.unwrap().unwrap().success());
}
