//! Webhooks that no partner sent, or not now, or not to us: refused, and nothing is changed. The same news, rightly
//! signed, does change something: else the refusals would show nothing.

use crate::people::{code, intent, place, send_off, until_event};
use crate::world::{World, at_rest, call, cart, changes, item, number, run, send, stored};
use serde_json::json;
use waybill_gateways::{payment_webhook, webhook};
use waybill_harness::api::Answer;
use waybill_harness::partners::{Delivery, Partners, STRIPE_WEBHOOK_SECRETS};
use waybill_partners::{sign_event, sign_webhook};

/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9/nowhere";

/// A webhook as it arrives.
#[derive(Clone, Debug)]
struct Hook {
    what: String,
    tenant: String,
    header: Option<String>,
    body: Vec<u8>,
}

/// A partner's door and the header it asks for.
#[derive(Clone, Copy)]
struct Door {
    name: &'static str,
    header: &'static str,
}

const CARRIER: Door = Door { name: "carrier", header: webhook::HEADER };
const PROCESSOR: Door = Door { name: "payment", header: payment_webhook::HEADER };

async fn ring(world: &World, door: Door, hook: &Hook) -> Answer {
    let mut ring = call("POST", format!("/webhooks/{}/{}", door.name, hook.tenant)).body(hook.body.clone());
    if let Some(header) = &hook.header {
        ring = ring.header(door.header, header.clone());
    }
    send(&world.local, None, ring).await
}

/// Every forgery is refused with a problem; nothing stored changes.
async fn refused(world: &World, door: Door, forgeries: &[Hook]) {
    let before = stored(&world.local).await;
    let mut wrong = Vec::new();
    for forgery in forgeries {
        let answer = ring(world, door, forgery).await;
        let is_problem = answer.content_type == "application/problem+json";
        if !(400..500).contains(&answer.status) || !is_problem {
            wrong.push(format!("{}: {} {}", forgery.what, answer.status, answer.text));
        }
    }
    println!("{} forgeries at the {}'s door", forgeries.len(), door.name);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(changes(&before, &at_rest(&world.local).await), Vec::<String>::new());
}

/// The genuine news changes something, once: heard again, nothing.
async fn heard_once(world: &World, door: Door, genuine: &Hook, again: &Hook) {
    let before = stored(&world.local).await;
    let answer = ring(world, door, genuine).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let after = at_rest(&world.local).await;
    assert!(
        !changes(&before, &after).is_empty(),
        "the genuine news changes nothing: so a forgery's silence means nothing"
    );
    for replay in [genuine, again] {
        assert_eq!(ring(world, door, replay).await.status, 200, "a replay is heard and passed over");
    }
    assert_eq!(changes(&after, &at_rest(&world.local).await), Vec::<String>::new());
}

/// An order on its way, its carrier and its processor silent.
async fn on_its_way(world: &World) -> String {
    let local = &world.local;
    let id = place(local, &cart(&item(local, 3).await, 1)).await;
    send_off(local, &id, 1).await;
    until_event(local, &id, "payment_captured").await;
    at_rest(local).await;
    id
}

fn seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[test]
fn a_carriers_webhook_that_is_forged_changes_nothing() {
    run(async |world| {
        let secrets = Partners::secrets();
        let secret = secrets["easypost_webhook_secrets"][0].as_str().unwrap();
        let code = code(&world.local, &on_its_way(world).await, 1).await;
        let news = |code: &str, id: u32| {
            json!({"object": "Event", "id": format!("evt_{id}"), "description": "tracker.updated", "result": {
                "object": "Tracker", "tracking_code": code, "status": "delivered", "updated_at": jiff::Timestamp::now().to_string()}})
        };
        let body = news(&code, number()).to_string().into_bytes();
        let good = sign_webhook(secret, &body);
        let hex = good.trim_start_matches("hmac-sha256-hex=").to_owned();
        let hook = |what: &str, header: Option<String>| Hook {
            what: what.to_owned(),
            tenant: world.ours.name.clone(),
            header,
            body: body.clone(),
        };
        let of = |what: &str, tenant: &str, body: &[u8], signed: &[u8]| Hook {
            what: what.to_owned(),
            tenant: tenant.to_owned(),
            header: Some(sign_webhook(secret, signed)),
            body: body.to_vec(),
        };
        let ours = world.ours.name.as_str();
        let longer = [body.as_slice(), b"\n"].concat();
        let other = news(&code, number()).to_string().replace("delivered", "failure").into_bytes();
        let strange = news("NOBODYS-PARCEL", number()).to_string().into_bytes();
        let forgeries = [
            hook("no header", None),
            hook("an empty header", Some(String::new())),
            hook("nonsense", Some("nonsense".to_owned())),
            hook("zeros", Some(format!("hmac-sha256-hex={}", "0".repeat(64)))),
            hook("cut short", Some(good[..good.len() - 2].to_owned())),
            hook(
                "one digit off",
                Some(format!("{}{}", &good[..good.len() - 1], if good.ends_with('0') { '1' } else { '0' })),
            ),
            hook("no scheme", Some(hex.clone())),
            hook("another scheme", Some(format!("hmac-sha1-hex={hex}"))),
            hook("a later version of the scheme", Some(format!("hmac-sha512-hex={hex}{hex}"))),
            hook("two signatures, one of them right", Some(format!("{good},hmac-sha256-hex={}", "0".repeat(64)))),
            hook("another secret", Some(sign_webhook("another-secret", &body))),
            hook("no secret", Some(sign_webhook("", &body))),
            hook("the processor's secret", Some(sign_webhook(STRIPE_WEBHOOK_SECRETS[0], &body))),
            hook("the processor's scheme", Some(sign_event(&[secret], seconds(), &body))),
            of("a body changed after it was signed", ours, &other, &body),
            of("a byte more than was signed", ours, &longer, &body),
            of("a body signed for nothing", ours, &body, b""),
            of("another tenant's door", &world.other.name, &body, &body),
            of("nobody's door", "nobody", &body, &body),
            of("a door that cannot be", "T%23demo", &body, &body),
            of("a parcel nobody has", ours, &strange, &strange),
            of("no event", ours, b"{}", b"{}"),
            of("a list", ours, b"[1]", b"[1]"),
        ];
        refused(world, CARRIER, &forgeries).await;
        let genuine = hook("genuine", Some(good));
        heard_once(world, CARRIER, &genuine, &genuine).await;
    });
}

#[test]
fn a_processors_webhook_that_is_forged_changes_nothing() {
    run(async |world| {
        let local = &world.local;
        let id = on_its_way(world).await;
        // The bank takes the money back, and nobody tells us.
        local.partners.stripe_webhooks(NOWHERE, Delivery::default()).await.unwrap();
        local.partners.dispute(&intent(local, &id).await, None).await.unwrap();
        let events = local.partners.stripe_events().await.unwrap();
        let event = events["events"].as_array().unwrap().iter().rev();
        let event = event.clone().find(|event| event["type"] == "charge.dispute.created").unwrap();
        let body = event.to_string().into_bytes();
        let [secret, before] = STRIPE_WEBHOOK_SECRETS;
        let now = seconds();
        let good = sign_event(&[secret], now, &body);
        let v1 = good.split_once(",v1=").unwrap().1.to_owned();
        let hook = |what: &str, header: Option<String>| Hook {
            what: what.to_owned(),
            tenant: world.ours.name.clone(),
            header,
            body: body.clone(),
        };
        let of = |what: &str, tenant: &str, body: &[u8], signed: &[u8]| Hook {
            what: what.to_owned(),
            tenant: tenant.to_owned(),
            header: Some(sign_event(&[secret], now, signed)),
            body: body.to_vec(),
        };
        let ours = world.ours.name.as_str();
        let zeros = "0".repeat(64);
        let larger = String::from_utf8(body.clone()).unwrap().replace("fraudulent", "duplicate").into_bytes();
        let forgeries = [
            hook("no header", None),
            hook("an empty header", Some(String::new())),
            hook("nonsense", Some("nonsense".to_owned())),
            hook("zeros", Some(format!("t={now},v1={zeros}"))),
            hook("cut short", Some(good[..good.len() - 2].to_owned())),
            hook("no time", Some(format!("v1={v1}"))),
            hook("two times", Some(format!("t={now},t={now},v1={v1}"))),
            hook("a time changed after it was signed", Some(format!("t={},v1={v1}", now + 1))),
            hook("no number for a time", Some(format!("t=now,v1={v1}"))),
            hook("another version of the scheme", Some(format!("t={now},v0={v1}"))),
            hook("a later version of the scheme", Some(format!("t={now},v2={v1}"))),
            hook("several signatures, all wrong", Some(format!("t={now},v1={zeros},v1={},v0={v1}", "f".repeat(64)))),
            hook("another secret", Some(sign_event(&["whsec_another"], now, &body))),
            hook("no secret", Some(sign_event(&[""], now, &body))),
            hook("the carrier's secret", Some(sign_event(&["local-webhook-secret"], now, &body))),
            hook("the carrier's scheme", Some(sign_webhook(secret, &body))),
            hook("rightly signed, seven minutes ago", Some(sign_event(&[secret], now - 420, &body))),
            hook("rightly signed, yesterday, with the secret before", Some(sign_event(&[before], now - 86_400, &body))),
            hook("rightly signed, in seven minutes", Some(sign_event(&[secret], now + 420, &body))),
            of("a body changed after it was signed", ours, &larger, &body),
            of("a byte more than was signed", ours, &[body.as_slice(), b"\n"].concat(), &body),
            of("another tenant's door", &world.other.name, &body, &body),
            of("nobody's door", "nobody", &body, &body),
            of("a door that cannot be", "T%23demo", &body, &body),
            of("no event", ours, b"{}", b"{}"),
            of("a list", ours, b"[1]", b"[1]"),
        ];
        refused(world, PROCESSOR, &forgeries).await;
        let genuine = hook("signed with both secrets, as in a rotation", Some(format!("t={now},v1={zeros},v1={v1}")));
        let rotated = hook("signed with the secret before", Some(sign_event(&[before], seconds(), &body)));
        heard_once(world, PROCESSOR, &genuine, &rotated).await;
        local.partners.stripe_webhooks(&local.payment_webhook(), Delivery::default()).await.unwrap();
    });
}
