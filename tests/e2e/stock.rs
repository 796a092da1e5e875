//! Receipts, transfers, counts and tables, over HTTP and through the bucket.

use crate::world::{item, number, run, stock};
use serde_json::{Value, json};
use waybill_harness::Local;
use waybill_harness::api::{Answer, Call, Method, Role};
use waybill_harness::seed;

/// A second site, which ships last: other tests' orders never come to it.
const ANNEX: &str = "annex";

async fn annex(local: &Local) {
    let mut site = local.api.get(Role::Admin, "/catalog/sites/reno").await.unwrap();
    site["id"] = json!(ANNEX);
    site["rank"] = json!(65_000);
    local.api.put(Role::Admin, &format!("/catalog/sites/{ANNEX}"), &site).await.unwrap();
}

async fn post(local: &Local, role: Role, path: &str, key: &str, body: &Value) -> Answer {
    local.api.send(Some(role), Call::new(Method::POST, path).key(key).json(body)).await.unwrap()
}

/// Posts under a key of its own; the document.
async fn made(local: &Local, role: Role, path: &str, body: &Value) -> Value {
    let answer = post(local, role, path, &format!("stock-{}", number()), body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    answer.json()
}

fn units(sku: &str, quantity: i64) -> Value {
    json!({"site": "reno", "lines": [{"sku": sku, "quantity": quantity}]})
}

#[test]
fn a_receipt_said_twice_comes_in_once() {
    run(async |local| {
        let sku = item(local, 3).await;
        let key = format!("receipt-{sku}");
        let first = post(local, Role::Warehouse, "/stock/receipts", &key, &units(&sku, 5)).await;
        let again = post(local, Role::Warehouse, "/stock/receipts", &key, &units(&sku, 5)).await;
        assert_eq!((first.status, &first.text), (again.status, &again.text));
        assert_eq!(stock(local, &sku).await, (8, 8));
        let other = post(local, Role::Warehouse, "/stock/receipts", &key, &units(&sku, 6)).await;
        assert_eq!(other.status, 422, "{}", other.text);
        let path = format!("/stock/documents/{}", first.json()["id"].as_str().unwrap());
        assert_eq!(local.api.get(Role::Support, &path).await.unwrap(), first.json());
    });
}

#[test]
fn a_count_that_disagrees_waits_for_another_person() {
    run(async |local| {
        let sku = item(local, 10).await;
        let body = json!({"site": "reno", "lines": [{"sku": sku, "counted": 7}]});
        let count = made(local, Role::Warehouse, "/stock/counts", &body).await;
        assert_eq!(count["disagrees"], json!(true));
        assert_eq!(stock(local, &sku).await, (10, 10), "nothing is changed by counting");
        let id = count["id"].as_str().unwrap().to_owned();
        let cases = async || {
            let cases = local.api.get(Role::Support, "/stock/cases").await.unwrap();
            let cases = cases["cases"].as_array().unwrap().clone();
            cases.iter().filter(|case| case["count"] == json!(id)).count()
        };
        assert_eq!(cases().await, 1);
        let decision = json!({"decision": "approve", "note": "three are gone"});
        let path = format!("/stock/counts/{id}/decision");
        let wrong = post(local, Role::Warehouse, &path, "k", &decision).await;
        assert_eq!(wrong.status, 403, "{}", wrong.text);
        made(local, Role::Support, &path, &decision).await;
        assert_eq!((cases().await, stock(local, &sku).await), (0, (7, 7)));
        let late = post(local, Role::Admin, &path, &format!("late-{sku}"), &decision).await;
        assert_eq!(late.status, 409, "{}", late.text);
        let levels = local.api.get(Role::Admin, &format!("/stock/{sku}")).await.unwrap();
        assert!(levels["sites"][0]["counted_at"].is_string(), "{levels}");
    });
}

#[test]
fn a_transfer_is_announced_where_it_goes_and_comes_in_there() {
    run(async |local| {
        annex(local).await;
        let sku = item(local, 10).await;
        let body = json!({"from": "reno", "to": ANNEX, "due": "2026-12-01", "lines": [{"sku": sku, "quantity": 4}]});
        let sent = made(local, Role::Warehouse, "/stock/transfers", &body).await;
        assert_eq!(stock(local, &sku).await, (6, 6));
        let levels = local.api.get(Role::Warehouse, &format!("/stock/{sku}")).await.unwrap();
        assert_eq!(levels["announcements"][0]["remaining"], json!(4), "{levels}");
        let much = json!({"from": "reno", "to": ANNEX, "due": "2026-12-01", "lines": [{"sku": sku, "quantity": 7}]});
        let short = post(local, Role::Warehouse, "/stock/transfers", &format!("much-{sku}"), &much).await;
        assert_eq!((short.status, &short.json()["errors"][0]["pointer"]), (409, &json!("/lines/0/quantity")));
        let receipt = json!({"site": ANNEX, "announcement": sent["id"], "lines": [{"sku": sku, "quantity": 4}]});
        made(local, Role::Warehouse, "/stock/receipts", &receipt).await;
        assert_eq!(stock(local, &sku).await, (10, 6));
        let due = local.api.get(Role::Warehouse, &format!("/stock/counts/due?site={ANNEX}")).await.unwrap();
        assert_eq!(due["site"], json!(ANNEX));
    });
}

#[test]
fn an_announcement_is_told_to_stores_and_may_be_withdrawn() {
    run(async |local| {
        let sku = item(local, 0).await;
        let mut record = local.api.get(Role::Admin, &format!("/catalog/items/{sku}")).await.unwrap();
        record["backorder"] = json!("backorder");
        local.api.put(Role::Admin, &format!("/catalog/items/{sku}"), &record).await.unwrap();
        let body = json!({"site": "reno", "due": "2026-12-24", "lines": [{"sku": sku, "quantity": 5}]});
        let announced = made(local, Role::Admin, "/stock/announcements", &body).await;
        let told = local.api.get(Role::Store, &format!("/availability?sku={sku}&sku=GHOST-{sku}")).await.unwrap();
        assert_eq!((&told["items"][0]["available"], &told["items"][0]["expected"]), (&json!(0), &json!("2026-12-24")));
        assert_eq!(told["items"][1]["known"], json!(false));
        let path = format!("/stock/announcements/{}/withdrawal", announced["id"].as_str().unwrap());
        made(local, Role::Admin, &path, &json!({"note": "never made"})).await;
        let levels = local.api.get(Role::Admin, &format!("/stock/{sku}")).await.unwrap();
        assert_eq!((&levels["promisable"], &levels["announcements"]), (&json!(0), &json!([])));
    });
}

#[test]
fn no_role_does_anothers_work() {
    run(async |local| {
        let sku = item(local, 1).await;
        let adjustment = json!({"site": "reno", "lines": [{"sku": sku, "quantity": 1, "reason": "found"}]});
        let table = [
            (Role::Store, "/stock/receipts", units(&sku, 1)),
            (Role::Support, "/stock/transfers", units(&sku, 1)),
            (Role::Warehouse, "/stock/adjustments", adjustment),
            (Role::Warehouse, "/stock/announcements", units(&sku, 1)),
        ];
        for (role, path, body) in table {
            assert_eq!(post(local, role, path, "k", &body).await.status, 403, "{path}");
        }
        let cases = local.api.send(Some(Role::Store), Call::new(Method::GET, "/stock/cases")).await.unwrap();
        assert_eq!(cases.status, 403, "{}", cases.text);
        let nobody = local.api.send(None, Call::new(Method::GET, format!("/availability?sku={sku}"))).await.unwrap();
        assert_eq!(nobody.status, 401, "{}", nobody.text);
        assert_eq!(stock(local, &sku).await, (1, 1));
    });
}

#[test]
fn a_table_applies_its_good_rows_once_and_names_the_broken_ones() {
    run(async |local| {
        let sku = item(local, 10).await;
        let rows = [
            "type,sku,site,quantity,reason,reference".to_owned(),
            format!("receipt,{sku},reno,5,,DN-1"),
            format!("receipt,{sku},atlantis,5,,"),
            format!("receipt,{sku},reno,-5,,"),
            format!("adjustment,{sku},reno,-2,damage,"),
            format!("receipt,{sku},reno,99999999999999999999,,"),
            format!("receipt,{sku},reno"),
        ];
        let file = rows.join("\n").into_bytes();
        let import = async |name: &str| {
            let name = format!("{}/{name}-{sku}.csv", local.tenant);
            let said = seed::import(&local.aws, &local.stack, &name, file.clone()).await.unwrap_err().to_string();
            serde_json::from_str::<Value>(&said[said.find('{').unwrap()..]).unwrap()
        };
        let report = import("table").await;
        let rows: Vec<(u64, &str, &str)> = report["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                (
                    row["row"].as_u64().unwrap(),
                    row["outcome"].as_str().unwrap(),
                    row["pointer"].as_str().unwrap_or_default(),
                )
            })
            .collect();
        let wanted = [
            (2, "accepted", ""),
            (3, "refused", "/site"),
            (4, "refused", "/quantity"),
            (5, "accepted", ""),
            (6, "refused", "/quantity"),
            (7, "refused", ""),
        ];
        assert_eq!(rows, wanted, "{report}");
        assert_eq!(stock(local, &sku).await, (13, 13));
        let again = import("renamed").await;
        assert_eq!((&again["accepted"], &again["repeated"]), (&json!(0), &json!(2)), "{again}");
        assert_eq!(stock(local, &sku).await, (13, 13));
    });
}
