//! Wrong requests to the deployed API: through the gateway, each function's own process and the real tables.

use super::Tally;
use super::breaks::{Breaker, Broken, Place};
use super::verdict::{Answered, fault};
use crate::chance::Chance;
use crate::operations::{document, operations};
use crate::world::{World, at_rest, call, changes, run, stored};
use waybill_harness::api::Role;
use waybill_harness::partners::{Partners, STRIPE_WEBHOOK_SECRETS};
use waybill_partners::{sign_event, sign_webhook};

const REQUESTS: usize = 300;
/// What the gateway itself answers where no route fits.
const NO_ROUTE: &str = "Not Found";

async fn send(world: &World, sent: &Broken) -> Answered {
    let Broken { operation, method, path, key, body, .. } = sent;
    let mut wrong = call(method, path.clone()).body(body.clone());
    if let Some(key) = key {
        wrong = wrong.key(String::from_utf8_lossy(key));
    }
    let role = operation
        .scopes
        .first()
        .map(|scope| Role::ALL.into_iter().find(|role| *scope == format!("waybill/{role}")).unwrap());
    if role.is_none() && operation.path.contains("carrier") {
        let secrets = Partners::secrets();
        let secret = secrets["easypost_webhook_secrets"][0].as_str().unwrap().to_owned();
        wrong = wrong.header("x-hmac-signature", sign_webhook(&secret, body));
    } else if role.is_none() {
        let now = jiff::Timestamp::now().as_second();
        wrong = wrong.header("stripe-signature", sign_event(&[STRIPE_WEBHOOK_SECRETS[0]], now, body));
    }
    let answer = world.local.api.send(role, wrong).await.unwrap();
    Answered { status: answer.status, content_type: answer.content_type, text: answer.text }
}

/// No route fits a path with an id of this kind, or the method: the gateway says so, and no function of ours was asked.
fn is_the_gateways(sent: &Broken, answer: &Answered) -> bool {
    matches!(sent.place, Place::Path | Place::Method)
        && answer.status == 404
        && answer.text.contains(NO_ROUTE)
        && answer.content_type == "application/json"
}

#[test]
fn wrong_requests_over_http_are_refused_and_leave_the_tables_unchanged() {
    run(async |world| {
        let (document, mut chance, mut tally) = (document(), Chance::of_this_run(), Tally::default());
        let operations = operations(&document);
        let before = stored(&world.local).await;
        let mut gateways = 0;
        for number in 0..REQUESTS {
            let breaker = &mut Breaker { document: &document, records: &world.records, chance: &mut chance };
            let sent = breaker.broken(&operations[number % operations.len()]);
            tally.count(&sent);
            let answer = send(world, &sent).await;
            if is_the_gateways(&sent, &answer) {
                gateways += 1;
            } else if let Some(fault) = fault(&sent, &answer) {
                tally.fault(&sent, &format!("{fault}: {}", answer.text));
            }
        }
        println!("  {gateways} of them the gateway refused itself");
        assert!(gateways < REQUESTS / 4, "{gateways}");
        tally.settle();
        assert_eq!(changes(&before, &at_rest(&world.local).await), Vec::<String>::new());
    });
}
