//! What sources must not contain.

use crate::holds;
use waybill_tests::repository;
use waybill_tests::rules::Findings;
use waybill_tests::rules::sources::{self, File};

fn files(folder: &str) -> Vec<File> {
    let found = File::all_in(folder).unwrap();
    assert!(!found.is_empty(), "{folder} holds no sources");
    found
}

#[test]
fn functions_libraries_name_no_aws_sdk() {
    holds(&sources::functions_know_no_aws_sdk(&files("functions")));
}

#[test]
fn the_domain_reads_no_clock_no_environment_and_waits_for_nothing() {
    holds(&sources::the_domain_is_pure(&files("shared/domain/src")));
}

#[test]
fn no_amount_is_ever_a_float() {
    let excepted = |file: &File| sources::FLOATS.iter().any(|(path, _)| *path == file.path);
    for group in ["shared", "functions"] {
        for package in repository::folders(group).unwrap() {
            let (excepted, ours): (Vec<_>, Vec<_>) =
                files(&format!("{group}/{package}/src")).into_iter().partition(excepted);
            holds(&sources::nothing_is_floating(&ours));
            for file in excepted {
                let floats = sources::nothing_is_floating(std::slice::from_ref(&file));
                assert!(!floats.is_empty(), "{} is excepted and names no float any more", file.path);
            }
        }
    }
}

#[test]
fn conditions_of_writes_do_no_arithmetic() {
    holds(&sources::conditions_do_no_arithmetic(&files("shared/aws/src")));
}

#[test]
fn no_source_is_too_long_to_be_read_at_once() {
    let mut found = Findings::new();
    for folder in ["functions", "shared", "tests", "xtask"] {
        found.extend(sources::files_are_short(&files(folder)));
    }
    holds(&found);
}

#[test]
fn a_source_that_breaks_a_rule_is_found_out() {
    type Rule = fn(&[File]) -> Findings;
    let file = |text: &str| vec![File { path: "x.rs".to_owned(), text: text.to_owned() }];
    let table: [(Rule, &str, &str); 9] = [
        (sources::functions_know_no_aws_sdk, "use aws_sdk_dynamodb::Client;", "x.rs names `aws_sdk_dynamodb`"),
        (sources::the_domain_is_pure, "fn f() { Timestamp::now() }", "x.rs reads the clock"),
        (sources::the_domain_is_pure, "fn f() { let at = Zoned :: now(); }", "x.rs reads the clock"),
        (sources::the_domain_is_pure, "async fn f() {}", "x.rs names `async`"),
        (sources::the_domain_is_pure, "use std::time::SystemTime;", "x.rs names `SystemTime`"),
        (sources::the_domain_is_pure, "use std::{fmt, net};\nfn f(at: net::IpAddr) {}", "x.rs names `net`"),
        (sources::nothing_is_floating, "fn f() {}\nfn g(x: f64) {}", "x.rs:2 names `f64`"),
        (sources::conditions_do_no_arithmetic, "\n x(\"on_hand - allocated >= :n\")", "x.rs:2 computes in a condition"),
        (sources::files_are_short, &"\n".repeat(401), "x.rs has 401 lines"),
    ];
    for (rule, text, named) in table {
        let found = rule(&file(text));
        assert!(found.iter().any(|finding| finding.contains(named)), "{named} was not found out: {found:?}");
    }
    let clean = "/// `SystemTime` and f64.\nfn f() -> impl Future<Output = ()>; // async\n const S: &str = \"tokio\";";
    holds(&sources::the_domain_is_pure(&file(clean)));
    holds(&sources::nothing_is_floating(&file(clean)));
}

#[test]
fn a_planted_float_is_found_out_and_nothing_else() {
    let found = |code: &str| sources::nothing_is_floating(&[File { path: "x.rs".to_owned(), text: code.to_owned() }]);
    let floats = [
        ("let total = minor as f64 / scale;", "f64"),
        ("let total = 1_f32;", "1_f32"),
        ("let total = value.as_f64();", "as_f64"),
        ("let total = Decimal::from_f64_retain(x);", "from_f64_retain"),
        ("let tax = total * 0.0825;", "0."),
        ("let tax = [1, 2.5];", "2."),
        ("let all = 1.;", "1."),
        ("let all = 1e3;", "1e3"),
        ("let all = 1_000E-3;", "1_000E"),
        ("#[cfg(test)]\nmod tests { const PRICE: u8 = 18.00; }", "18."),
    ];
    for (code, named) in floats {
        let found = found(code);
        assert!(found.iter().any(|one| one.ends_with(&format!("`{named}`"))), "{code} was not found out: {found:?}");
    }
    let clean = [
        "for cent in 0..100 { cents[1..=2]; }",
        "pair.0.1 + pair.1.0",
        "let most = 1.max(2) + 0x1e3 + 1usize + 12_i64;",
        "let rate = \"0.0825\"; // 0.0825",
        "let e1 = x1e3; 'e'",
    ];
    for code in clean {
        assert_eq!(found(code), Findings::new(), "{code}");
    }
}
