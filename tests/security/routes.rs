//! Every route of the document × every token: who is let in, who is not, and what another tenant finds.

use crate::operations::{Operation, Records, document, operations};
use crate::tenants::{Tenant, false_tokens, signed_anew};
use crate::world::{World, at_rest, call, changes, key, number, records, run, send, stored};
use futures::StreamExt as _;
use serde_json::Value;
use waybill_harness::api::{Answer, Call, Role};
use waybill_tests::openapi;
use waybill_tests::template::{Route, Template};

/// Calls at once.
const AT_ONCE: usize = 8;

/// What is wrong with the routes of the document beside those of the template: they must be the same, and each but the
/// webhooks must name scopes.
fn faults(described: &[Route], deployed: &[Route]) -> Vec<String> {
    let mut found = Vec::new();
    let bare = |routes: &[Route]| -> Vec<(String, Vec<String>)> {
        routes.iter().map(|route| (route.key.clone(), route.scopes.clone())).collect()
    };
    let (described, deployed) = (bare(described), bare(deployed));
    found.extend(
        described.iter().filter(|one| !deployed.contains(one)).map(|one| format!("{one:?} is not deployed so")),
    );
    found.extend(
        deployed.iter().filter(|one| !described.contains(one)).map(|one| format!("{one:?} is not documented so")),
    );
    for (key, scopes) in described.iter().chain(&deployed) {
        if scopes.is_empty() != key.contains(" /webhooks/") {
            found.push(format!("{key} needs scopes {scopes:?}"));
        }
    }
    found
}

#[test]
fn the_documents_routes_are_the_templates_and_each_but_the_webhooks_needs_a_scope() {
    let described = openapi::routes(&document(), "");
    let deployed = Template::read().unwrap().routes().unwrap();
    assert!(described.len() > 30, "{} routes", described.len());
    assert_eq!(faults(&described, &deployed), Vec::<String>::new());
}

#[test]
fn a_route_that_is_open_missing_or_of_another_scope_is_found_out() {
    let routes = Template::read().unwrap().routes().unwrap();
    let changed = |change: fn(&mut Vec<Route>)| {
        let mut copy = routes.clone();
        change(&mut copy);
        copy
    };
    let opened = changed(|all| all[0].scopes.clear());
    assert!(!faults(&opened, &opened).is_empty(), "open in both");
    assert!(!faults(&opened, &routes).is_empty(), "open in one");
    assert!(!faults(&routes, &changed(|all| drop(all.pop()))).is_empty(), "not deployed");
    assert!(!faults(&changed(|all| drop(all.pop())), &routes).is_empty(), "not documented");
    let wider = changed(|all| all[0].scopes.push("waybill/store2".to_owned()));
    assert!(!faults(&routes, &wider).is_empty(), "wider than documented");
}

fn role_of(scope: &str) -> Role {
    Role::ALL.into_iter().find(|role| scope == format!("waybill/{role}")).unwrap()
}

/// Records that nobody has.
fn made_up() -> Records {
    let nobody = |prefix: &str| format!("{prefix}{:032x}", number());
    Records {
        order: nobody("ord-"),
        document: nobody("doc-"),
        announcement: nobody("doc-"),
        count: nobody("doc-"),
        account: nobody("nobody-"),
        sku: nobody("NOTHING-"),
        site: "nowhere".to_owned(),
        tenant: "nobody".to_owned(),
    }
}

/// A good call of `operation` about `records`. Whatever it sells is the record's item, which few have.
fn good(operation: &Operation, document: &Value, records: &Records) -> Call {
    let path = operation.path_of(|hole| operation.record(hole, records).to_owned());
    let mut query = operation.required_query(records);
    if operation.query().contains(&"from") {
        // Without a day a list looks at thirty, four queries each.
        query.push_str("?from=2099-01-01&to=2099-01-01");
    }
    let mut good = call(&operation.method, path + &query);
    if operation.needs_key() {
        good = good.key(key());
    }
    match operation.body(document, records) {
        Some(mut body) => {
            let lines = body.get_mut("lines").and_then(Value::as_array_mut);
            for line in lines.into_iter().flatten().filter(|line| line["sku"].is_string()) {
                line["sku"] = records.sku.clone().into();
            }
            good.json(&body)
        }
        None => good,
    }
}

fn guarded() -> (Value, Vec<Operation>) {
    let document = document();
    let guarded = operations(&document).into_iter().filter(|operation| !operation.is_webhook()).collect();
    (document, guarded)
}

/// Who calls, with which token, and which statuses that may have.
struct Attempt {
    who: String,
    token: Option<String>,
    allowed: fn(u16) -> bool,
}

/// Sends every operation as each attempt of it; what was answered otherwise than allowed, and how many there were.
async fn sent(world: &World, calls: Vec<(String, Call, Attempt)>) -> (Vec<String>, usize) {
    let count = calls.len();
    let asked = calls.into_iter().map(|(operation, call, attempt)| async move {
        let answer = send(&world.local, attempt.token.as_deref(), call).await;
        let Answer { status, text, .. } = answer;
        (!(attempt.allowed)(status)).then(|| format!("{operation} with {}: {status} {text}", attempt.who))
    });
    let answers: Vec<Option<String>> = futures::stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
    (answers.into_iter().flatten().collect(), count)
}

#[test]
fn no_route_lets_anybody_in_without_a_right_token() {
    run(async |world| {
        let (document, guarded) = guarded();
        let before = stored(&world.local).await;
        let mut calls = Vec::new();
        let mut attempt = |operation: &Operation, who: String, token: Option<String>, allowed: fn(u16) -> bool| {
            let call = good(operation, &document, &world.records);
            calls.push((operation.key(), call, Attempt { who, token, allowed }));
        };
        let mut wrong = Vec::new();
        for role in Role::ALL {
            wrong.push((role, false_tokens(&world.local, role).await));
        }
        for operation in &guarded {
            attempt(operation, "nothing".to_owned(), None, |status| status == 401);
            let roles: Vec<Role> = operation.scopes.iter().map(|scope| role_of(scope)).collect();
            for (role, tokens) in wrong.iter().filter(|(role, _)| roles.contains(role)).take(1) {
                for (what, token) in tokens {
                    attempt(operation, format!("{what} of {role}"), Some(token.clone()), |status| status == 401);
                }
            }
            for role in Role::ALL.into_iter().filter(|role| !roles.contains(role)) {
                let token = world.ours.tokens[&role].clone();
                attempt(operation, format!("{role}'s token"), Some(token), |status| status == 403);
            }
        }
        let (wrong, count) = sent(world, calls).await;
        println!("{count} calls of {} routes with a wrong token or none", guarded.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(changes(&before, &at_rest(&world.local).await), Vec::<String>::new());
    });
}

#[test]
fn every_route_lets_in_each_role_it_names() {
    run(async |world| {
        let (document, guarded) = guarded();
        let anew = Role::ALL.map(|role| (role, signed_anew(&world.local, role)));
        let mut calls = Vec::new();
        for operation in &guarded {
            for (role, anew) in anew.iter().filter(|(role, _)| operation.scopes.contains(&format!("waybill/{role}"))) {
                let tokens = [
                    (role.to_string(), world.ours.tokens[role].clone()),
                    (format!("{role}, signed anew"), anew.clone()),
                ];
                for (who, token) in tokens {
                    // About nothing that exists: what is let in finds nothing and does nothing to it.
                    let call = good(operation, &document, &made_up());
                    let allowed = |status| ![401, 403].contains(&status) && status < 500;
                    calls.push((operation.key(), call, Attempt { who, token: Some(token), allowed }));
                }
            }
        }
        let (wrong, count) = sent(world, calls).await;
        println!("{count} calls of {} routes with a right token", guarded.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// The answer without the ids that were asked for.
fn anonymous(answer: &Answer, records: &Records) -> String {
    let Records { order, document, announcement, count, account, sku, .. } = records;
    let mut text = format!("{} {}", answer.status, answer.text);
    for id in [order, document, announcement, count, account, sku] {
        text = text.replace(id.as_str(), "…");
    }
    // A document made just now has an id and a time of its own.
    text
}

async fn asked(
    world: &World,
    by: &Tenant,
    role: Role,
    operation: &Operation,
    document: &Value,
    records: &Records,
) -> Answer {
    send(&world.local, Some(&by.tokens[&role]), good(operation, document, records)).await
}

#[test]
fn another_tenants_record_is_as_unknown_as_one_that_does_not_exist() {
    run(async |world| {
        let (document, guarded) = guarded();
        let ours = |key: &(String, String, String)| key.1.starts_with(&format!("T#{}#", world.ours.name));
        let of_ours = |mut all: crate::world::Stored| {
            all.retain(|key, _| ours(key));
            all
        };
        let before = of_ours(stored(&world.local).await);
        let (mut faults, mut count) = (Vec::new(), 0);
        // What makes a record of the other's own under our record's name comes last: from then on there is one.
        let (writers, askers): (Vec<_>, Vec<_>) = guarded
            .iter()
            .filter(|operation| !operation.holes().is_empty())
            .partition(|operation| operation.method == "PUT" && operation.path.starts_with("/catalog/"));
        for operation in askers.into_iter().chain(writers) {
            for scope in &operation.scopes {
                let (nobodys, role) = (Records { site: "reno".to_owned(), ..made_up() }, role_of(scope));
                let foreign = asked(world, &world.other, role, operation, &document, &world.records).await;
                let unknown = asked(world, &world.other, role, operation, &document, &nobodys).await;
                count += 1;
                let alike = anonymous(&foreign, &world.records) == anonymous(&unknown, &nobodys);
                // What makes a record under the name given makes the caller's own.
                let makes = foreign.status < 300;
                if !alike
                    || !(makes || foreign.status == 404 || (foreign.status == 422 && foreign.text == unknown.text))
                {
                    faults.push(format!("{} as {role}: {foreign:?}, but {unknown:?}", operation.key()));
                }
            }
        }
        println!("{count} calls of another tenant's roles about our records");
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        let after = of_ours(at_rest(&world.local).await);
        assert_eq!(changes(&before, &after), Vec::<String>::new(), "another tenant changed what is ours");
    });
}

#[test]
fn another_tenants_lists_show_nothing_of_ours() {
    run(async |world| {
        let (document, guarded) = guarded();
        let Records { order, document: receipt, announcement, count, account, sku, .. } = &world.records;
        let ids = [order, receipt, announcement, count, account, sku];
        let mut shown = Vec::new();
        for operation in guarded.iter().filter(|operation| operation.method == "GET" && operation.holes().is_empty()) {
            for scope in &operation.scopes {
                // Of the item that both have.
                let records = Records { sku: "MUG-BLUE".to_owned(), ..world.records.clone() };
                let theirs = asked(world, &world.other, role_of(scope), operation, &document, &records).await;
                assert_eq!(theirs.status, 200, "{}: {}", operation.key(), theirs.text);
                for id in ids {
                    assert!(!theirs.text.contains(id.as_str()), "{} shows {id}: {}", operation.key(), theirs.text);
                }
                let own = asked(world, &world.ours, role_of(scope), operation, &document, &records).await;
                shown.extend(ids.into_iter().filter(|id| own.text.contains(id.as_str())).cloned());
            }
        }
        // That the ids are looked for in the right words: our own lists do show them.
        for id in [order, count] {
            assert!(shown.contains(id), "our own lists do not show {id}");
        }
    });
}

/// What another tenant is told about our records is not what we are told.
#[test]
fn our_own_records_are_known_to_us() {
    run(async |world| {
        let (document, guarded) = guarded();
        let (mut unknown, records) = (Vec::new(), records(&world.local).await);
        // Cancelling last: what is cancelled is not packed.
        let mut with_records: Vec<&Operation> =
            guarded.iter().filter(|operation| !operation.holes().is_empty()).collect();
        with_records.sort_by_key(|operation| operation.path.ends_with("/cancel"));
        for operation in with_records {
            let role = role_of(&operation.scopes[0]);
            let nobodys = Records { site: "reno".to_owned(), ..made_up() };
            let ours = asked(world, &world.ours, role, operation, &document, &records).await;
            let nothing = asked(world, &world.ours, role, operation, &document, &nobodys).await;
            let same = anonymous(&ours, &records) == anonymous(&nothing, &nobodys);
            let makes = ours.status < 300 && nothing.status < 300;
            if same && !makes {
                unknown.push(format!("{}: {} {}", operation.key(), ours.status, ours.text));
            }
        }
        assert!(unknown.is_empty(), "answered about our records as about nobody's:\n{}", unknown.join("\n"));
    });
}
