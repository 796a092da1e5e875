//! Files over memory: what is applied, what is refused and why, and that nothing is applied twice.

#![expect(clippy::unwrap_used, reason = "tests")]

use import_catalog::import_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use waybill_domain::catalog::{Kind, Site};
use waybill_domain::ports::{Catalog, Files, Stock, StoreError};
use waybill_testkit::{Trouble, World, at, block_on, id, tenant};

/// A bucket.
#[derive(Default)]
struct Bucket(Mutex<BTreeMap<String, Vec<u8>>>);

impl Files for Bucket {
    async fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        self.0.lock().unwrap().get(name).cloned().ok_or(StoreError::Unavailable("no such file".into()))
    }

    async fn write_json(&self, name: &str, body: String) -> Result<(), StoreError> {
        self.0.lock().unwrap().insert(name.to_owned(), body.into_bytes());
        Ok(())
    }
}

/// Drops a file and reads the report on it.
fn import(world: &World, name: &str, file: &[u8]) -> Value {
    let bucket = Bucket::default();
    bucket.0.lock().unwrap().insert(format!("imports/acme/{name}"), file.to_vec());
    let keys = vec![format!("imports/acme/{name}")];
    block_on(import_all(&bucket, &world.catalog, &world.stock, keys, at(0))).unwrap();
    let files = bucket.0.lock().unwrap();
    serde_json::from_slice(&files[&format!("reports/acme/{name}.json")]).unwrap()
}

fn on_hand(world: &World, sku: &str, site: &str) -> i64 {
    world.memory.level(&tenant(), &id(sku), &id(site)).on_hand
}

/// Row, outcome, and of a refused one its column.
fn rows(report: &Value) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = report["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["row"].as_u64().unwrap(), text(&row["outcome"]), text(&row["pointer"]))).collect()
}

const HEADER: &str = "type,sku,site,quantity,reason,reference,bin,lot,serial,expires,to,due,announcement,note";

#[test]
fn broken_rows_are_named_and_the_others_applied_once() {
    let world = World::seeded();
    let before = on_hand(&world, "MUG-BLUE", "reno");
    let table: [(&str, &str, &str); 21] = [
        ("receipt,MUG-BLUE,reno,5,,D-1,,,,,,,,", "accepted", ""),
        ("receipt,MUG-BLUE,reno,-5,,,,,,,,,,", "refused", "/quantity"),
        ("receipt,MUG-BLUE,reno,0,,,,,,,,,,", "refused", "/quantity"),
        ("receipt,MUG-BLUE,reno,1000001,,,,,,,,,,", "refused", "/quantity"),
        ("receipt,MUG-BLUE,reno,99999999999999999999,,,,,,,,,,", "refused", "/quantity"),
        ("receipt,MUG-BLUE,reno,1.5,,,,,,,,,,", "refused", "/quantity"),
        ("receipt,MUG-BLUE,reno,many,,,,,,,,,,", "refused", "/quantity"),
        ("receipt,MUG-BLUE,reno,,,,,,,,,,,", "refused", "/quantity"),
        ("receipt,NO-SUCH,reno,5,,,,,,,,,,", "refused", "/sku"),
        ("receipt,NO SUCH,reno,5,,,,,,,,,,", "refused", "/sku"),
        ("receipt,MUG-BLUE,atlantis,5,,,,,,,,,,", "refused", "/site"),
        ("receipt,MUG-BLUE,reno,5", "refused", ""),
        ("receipt,MUG-BLUE,reno,5,,,,,,,,,,,,", "refused", ""),
        ("wish,MUG-BLUE,reno,5,,,,,,,,,,", "refused", "/type"),
        ("receipt,MUG-BLUE,reno,5,damage,,,,,,,,,", "refused", "/reason"),
        ("receipt,MUG-BLUE,reno,5,,,,L-1,,,,,,", "refused", "/lot"),
        ("adjustment,MUG-BLUE,reno,-2,damage,,,,,,,,,dropped", "accepted", ""),
        ("adjustment,MUG-BLUE,reno,-2,boredom,,,,,,,,,", "refused", "/reason"),
        ("adjustment,MUG-BLUE,reno,-900000,loss,,,,,,,,,", "refused", "/quantity"),
        ("receipt,MUG-BLUE,reno,\"5,,,,,,,,,,", "refused", ""),
        ("count,MUG-BLUE,reno,1,,,,,,,,,,", "accepted", ""),
    ];
    let body = table.map(|(row, ..)| row).join("\r\n");
    let mut file = format!("\u{feff}{HEADER}\r\n{body}\r\n").into_bytes();
    file.extend(b"receipt,MUG-BLUE,reno,5,,\xff\xfe,,,,,,,,\n\nreceipt,MUG-BLUE,reno,1,,,,,,,,,,\n");
    let report = import(&world, "stock.csv", &file);
    let mut wanted: Vec<(u64, String, String)> =
        (2..).zip(table).map(|(row, (_, outcome, pointer))| (row, outcome.to_owned(), pointer.to_owned())).collect();
    wanted.push((23, "refused".to_owned(), "/reference".to_owned()));
    wanted.push((25, "accepted".to_owned(), String::new()));
    assert_eq!(rows(&report), wanted, "{report:#}");
    assert_eq!((report["accepted"].clone(), report["refused"].as_array().unwrap().len()), (json!(4), 19));
    assert_eq!(report["rows"][20]["disagrees"], json!(true), "the count waits for a person");
    assert_eq!(on_hand(&world, "MUG-BLUE", "reno"), before + 5 - 2 + 1);
    assert!(world.memory.unbalanced().is_empty());

    let again = import(&world, "stock.csv", &file);
    assert_eq!((again["accepted"].clone(), again["repeated"].clone()), (json!(0), json!(4)));
    assert_eq!(on_hand(&world, "MUG-BLUE", "reno"), before + 4, "the second delivery applies nothing");
    for row in [0, 16, 20] {
        assert_eq!(again["rows"][row]["document"], report["rows"][row]["document"]);
    }
}

#[test]
fn announcements_and_transfers_come_in_by_the_documents_that_the_report_names() {
    let world = World::seeded();
    let header = "type,sku,site,to,quantity,due,announcement";
    let (mugs, shirts) = (on_hand(&world, "MUG-BLUE", "reno"), on_hand(&world, "TEE-M-BLACK", "reno"));
    let other = "louisville";
    let reno = block_on(world.catalog.find::<Site>(&tenant(), "reno")).unwrap().unwrap();
    let site = serde_json::to_value(Site { id: id(other), ..reno }).unwrap();
    world.catalog.keep(&tenant(), Kind::Site, other, site);
    let first = format!(
        "{header}\nannouncement,MUG-BLUE,reno,,10,2026-12-01,\ntransfer,TEE-M-BLACK,reno,{other},2,2026-12-02,\n\
         transfer,TEE-M-BLACK,atlantis,{other},2,2026-12-02,\ntransfer,TEE-M-BLACK,reno,{other},2,someday,\n"
    );
    let report = import(&world, "out.csv", first.as_bytes());
    let wanted = [(2, "accepted", ""), (3, "accepted", ""), (4, "refused", "/site"), (5, "refused", "/due")];
    assert_eq!(rows(&report), wanted.map(|(row, outcome, at)| (row, outcome.to_owned(), at.to_owned())));
    assert_eq!(on_hand(&world, "TEE-M-BLACK", "reno"), shirts - 2, "they left");
    let of = |row: usize| report["rows"][row]["document"].as_str().unwrap().to_owned();
    let second = format!(
        "{header}\nreceipt,MUG-BLUE,reno,,4,,{}\nreceipt,TEE-M-BLACK,{other},,2,,{}\nreceipt,TEE-M-BLACK,reno,,2,,{}\n",
        of(0),
        of(1),
        of(1)
    );
    let report = import(&world, "in.csv", second.as_bytes());
    let wanted = [(2, "accepted", ""), (3, "accepted", ""), (4, "refused", "/site")];
    assert_eq!(rows(&report), wanted.map(|(row, outcome, at)| (row, outcome.to_owned(), at.to_owned())));
    assert_eq!((on_hand(&world, "MUG-BLUE", "reno"), on_hand(&world, "TEE-M-BLACK", other)), (mugs + 4, 2));
    let left = block_on(world.stock.announced(&tenant(), &id("MUG-BLUE"))).unwrap();
    assert_eq!(left.iter().map(|one| one.remaining).collect::<Vec<_>>(), vec![6]);
}

#[test]
fn a_header_that_is_not_understood_applies_nothing() {
    let world = World::seeded();
    let before = on_hand(&world, "MUG-BLUE", "reno");
    let table = [
        ("type,sku,site,quantity,color", ""),
        ("type,sku,sku", "/sku"),
        ("sku,site,quantity", "/type"),
        ("type;sku;site;quantity", ""),
    ];
    for (header, pointer) in table {
        let report = import(&world, "odd.csv", format!("{header}\nreceipt,MUG-BLUE,reno,5\n").as_bytes());
        assert_eq!(rows(&report), vec![(1, "refused".to_owned(), pointer.to_owned())], "{header}");
        assert_eq!(report["accepted"], json!(0));
    }
    assert_eq!(on_hand(&world, "MUG-BLUE", "reno"), before);
    assert_eq!(rows(&import(&world, "empty.csv", b"")), vec![(1, "refused".to_owned(), "/type".to_owned())]);
}

#[test]
fn a_stock_line_sets_what_is_on_hand_once_whatever_moves_afterwards() {
    let world = World::seeded();
    let line = |units: i64| json!({"kind": "stock", "record": {"sku": "MUG-BLUE", "site": "reno", "on_hand": units}});
    let table = [
        (json!({"kind": "stock", "record": {"sku": "NONE", "site": "reno", "on_hand": 1}}), "/record/sku"),
        (json!({"kind": "stock", "record": {"sku": "MUG-BLUE", "site": "atlantis", "on_hand": 1}}), "/record/site"),
        (line(-1), "/record/on_hand"),
        (line(4_294_967_296), "/record/on_hand"),
        (json!({"kind": "dreams", "record": {}}), "/kind"),
    ];
    let broken: Vec<String> = table.iter().map(|(line, _)| line.to_string()).collect();
    let before = on_hand(&world, "MUG-BLUE", "reno");
    // What is there already is set, too: nothing moves, and yet the line is applied for good.
    let file = format!("{}\n{}\nnot json\n", line(before), broken.join("\n"));
    let report = import(&world, "stock.ndjson", file.as_bytes());
    let pointers: Vec<&str> =
        report["refused"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers[..5], table.map(|(_, pointer)| pointer));
    assert_eq!((report["accepted"].clone(), pointers.len()), (json!(1), 6));
    import(&world, "more.csv", b"type,sku,site,quantity\nreceipt,MUG-BLUE,reno,3\n");
    import(&world, "stock.ndjson", file.as_bytes());
    assert_eq!(on_hand(&world, "MUG-BLUE", "reno"), before + 3, "the file came again, and changed nothing");
    import(&world, "stock.ndjson", line(7).to_string().as_bytes());
    assert_eq!(on_hand(&world, "MUG-BLUE", "reno"), 7);
}

#[test]
fn a_run_that_ends_early_goes_on_where_it_ended() {
    for trouble in [Trouble::Unavailable, Trouble::AnswerLost, Trouble::Conflict] {
        let world = World::seeded();
        let before = on_hand(&world, "MUG-BLUE", "reno");
        let file =
            b"type,sku,site,quantity\nreceipt,MUG-BLUE,reno,1\nreceipt,MUG-BLUE,reno,2\nreceipt,MUG-BLUE,reno,4\n";
        let bucket = Bucket::default();
        bucket.0.lock().unwrap().insert("imports/acme/a.csv".to_owned(), file.to_vec());
        let run = || {
            let keys = vec!["imports/acme/a.csv".to_owned()];
            block_on(import_all(&bucket, &world.catalog, &world.stock, keys, at(0)))
        };
        let is_retried = trouble == Trouble::Conflict;
        world.faults.fail_nth("stock.file", 2, trouble);
        assert_eq!(run().is_ok(), is_retried, "a conflict is decided anew at once");
        run().unwrap();
        let report: Value = serde_json::from_slice(&bucket.0.lock().unwrap()["reports/acme/a.csv.json"]).unwrap();
        assert_eq!(on_hand(&world, "MUG-BLUE", "reno"), before + 7);
        let total = report["accepted"].as_u64().unwrap() + report["repeated"].as_u64().unwrap_or(0);
        assert_eq!(total, 3);
    }
}
