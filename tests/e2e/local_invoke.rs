//! `cargo lambda watch` and `cargo lambda invoke`, as the README tells: one function, one sample event.

use crate::world::{PATIENCE, run};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use waybill_harness::api::poll_until;
use waybill_harness::tools::Tools;
use waybill_harness::workspace::Workspace;

/// Ends a process it started, also when the test fails.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn place_order_answers_the_sample_event_under_cargo_lambda() {
    run(async |local| {
        let workspace = Workspace::find().unwrap();
        let programs = Tools::of(&workspace).local(&waybill_harness::silent()).await.unwrap();
        let client = json!({"id": "sample-store-client", "tenant": local.tenant, "store": "demo", "role": "store"});
        let item = json!({"pk": {"S": "CLIENT#sample-store-client"}, "sk": {"S": "CLIENT"}, "body": {"S": client.to_string()}});
        local.aws.put_item(local.stack.output("CatalogTableName").unwrap(), &item).await.unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        // The runtime API only: the function is built already, and a build of its own would have other features.
        let watch = Command::new(programs.join("cargo-lambda"))
            .args(["lambda", "watch", "--only-lambda-apis", "--invoke-address", "127.0.0.1", "--invoke-port", &port])
            .current_dir(workspace.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let _watch = Ended(watch.unwrap());
        // A function that finds no runtime API ends at once.
        let address = format!("127.0.0.1:{port}");
        let listening =
            async || Ok(std::net::TcpStream::connect(&address).map(drop).map_err(|error| error.to_string()));
        poll_until(PATIENCE, "the runtime API", listening).await.unwrap_or_else(|error| panic!("{error}"));
        let function = Command::new(workspace.program("debug", "place-order"))
            .env("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{port}/.rt/place-order"))
            .env("AWS_LAMBDA_FUNCTION_NAME", "place-order")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", local.aws.endpoint())
            .env("ORDERS_TABLE", local.stack.output("OrdersTableName").unwrap())
            .env("STOCK_TABLE", local.stack.output("StockTableName").unwrap())
            .env("CATALOG_TABLE", local.stack.output("CatalogTableName").unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let _function = Ended(function.unwrap());
        let event = workspace.path("tests/events/place-order.json");
        let look = async || {
            let mut invoke = tokio::process::Command::new(programs.join("cargo-lambda"));
            invoke.args(["lambda", "invoke", "place-order", "--invoke-address", "127.0.0.1", "--invoke-port", &port]);
            invoke.arg("--data-file").arg(&event).stdin(Stdio::null()).kill_on_drop(true);
            // Without a function to answer it, an invocation waits: it is given up and tried again.
            let Ok(output) = tokio::time::timeout(Duration::from_secs(10), invoke.output()).await else {
                return Ok(Err("no answer within 10 s".to_owned()));
            };
            let output = output.unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let answer: Value = serde_json::from_str(&text).unwrap_or_default();
            let seen = format!("{text} {}", String::from_utf8_lossy(&output.stderr));
            Ok(if answer["statusCode"].is_u64() { Ok(answer) } else { Err(seen) })
        };
        let answer = poll_until(PATIENCE, "an answer", look).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(answer["statusCode"], 201, "{answer}");
        let confirmation: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(confirmation["status"], "placed");
    });
}
