//! The proof: recomputed from the answer alone, by the rule of docs/proof.md.

use crate::scene::{Scene, scene};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use waybill_testkit::{Step, card, placed, with_tenders};

async fn proof(scene: &Scene) -> Value {
    let (status, proof) = scene.see("desk", "/proof").await;
    assert_eq!(status, 200, "{proof}");
    proof
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The digest of an entry after `previous`: nothing of ours is used but the answer.
fn digest(previous: &str, entry: &Value) -> String {
    let mut parts = vec![previous.to_owned()];
    parts.extend(["version", "at", "actor", "event"].map(|name| text(&entry[name])));
    parts.extend(entry["postings"].as_array().unwrap().iter().map(|posting| {
        let amount = &posting["amount"];
        format!("{}:{}:{}", text(&posting["account"]), amount["minor"], text(&amount["currency"]))
    }));
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut hex = String::new();
    for byte in hash.finalize() {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

fn first_broken(proof: &Value) -> Option<u64> {
    let mut previous = String::new();
    for entry in proof["entries"].as_array().unwrap() {
        previous = digest(&previous, entry);
        if entry["chain"] != previous {
            return entry["version"].as_u64();
        }
    }
    None
}

#[tokio::test]
async fn anyone_can_compute_the_chain_anew_at_every_step_of_an_orders_life() {
    for step in Step::ALL {
        let scene = scene(with_tenders(placed(), vec![(card(), 6_000), (card(), 499)]), step).await;
        let proof = proof(&scene).await;
        assert_eq!((first_broken(&proof), &proof["order"]), (None, &json!(scene.id)), "{step:?}");
        assert_eq!(
            (&proof["chain_holds"], &proof["holds"], &proof["differences"]),
            (&json!(true), &json!(true), &json!([]))
        );
        assert_eq!(proof["entries"].as_array().unwrap().len(), scene.order().history().len());
    }
}

#[tokio::test]
async fn whoever_changes_an_entry_changes_every_digest_after_it() {
    let honest = proof(&scene(placed(), Step::Closed).await).await;
    let forge = |at: &str, value: Value| {
        let mut forged = honest.clone();
        *forged.pointer_mut(at).unwrap() = value;
        first_broken(&forged)
    };
    assert_eq!(forge("/entries/0/postings/0/amount/minor", json!(1)), Some(1));
    assert_eq!(forge("/entries/1/actor", json!("user:mallory")), Some(2));
    assert_eq!(forge("/entries/2/at", json!("2026-11-02T12:00:03Z")), Some(3));
    assert_eq!(forge("/entries/2/event", json!("payment_voided")), Some(3));
    let mut shortened = honest.clone();
    shortened["entries"].as_array_mut().unwrap().remove(1);
    assert_eq!(first_broken(&shortened), Some(3));
}

#[tokio::test]
async fn entries_balance_and_balances_are_what_they_leave() {
    let proof = proof(&scene(placed(), Step::Closed).await).await;
    let entries = proof["entries"].as_array().unwrap();
    for entry in entries {
        let sum: i64 =
            entry["postings"].as_array().unwrap().iter().map(|p| p["amount"]["minor"].as_i64().unwrap()).sum();
        assert_eq!(sum, 0, "{entry}");
    }
    for balance in proof["balances"].as_array().unwrap() {
        let of = |posting: &&Value| posting["account"] == balance["account"];
        let postings = entries.iter().flat_map(|entry| entry["postings"].as_array().unwrap());
        let left: i64 = postings.filter(of).map(|posting| posting["amount"]["minor"].as_i64().unwrap()).sum();
        assert_eq!(balance["amount"]["minor"], left, "{balance}");
    }
    let equations = proof["equations"].as_array().unwrap();
    assert!(
        equations.len() >= 6
            && equations.iter().all(|equation| equation["holds"] == true && equation["left"] == equation["right"])
    );
}

#[tokio::test]
async fn the_proof_is_for_support_and_admins_and_another_tenants_order_is_unknown() {
    let scene = scene(placed(), Step::Placed).await;
    for (client, status) in
        [("shop", 403), ("floor", 403), ("desk", 200), ("chief", 200), ("stranger", 404), ("nobody", 401)]
    {
        assert_eq!(scene.see(client, "/proof").await.0, status, "{client}");
    }
}
