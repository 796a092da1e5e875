//! What an event is about.

use crate::event::MalformedEvent;
use crate::stripe::{is_inquiry, owner};
use serde_json::Value;
use waybill_domain::ports::Owner;

/// Something changed in Stripe's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentNews {
    /// Stripe's id of the event (`evt_…`): the same when it is sent again.
    pub event: String,
    /// What changed.
    pub about: About,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A payment: look it up.
    Payment {
        /// Stripe's id of it (`pi_…`).
        reference: String,
        /// Whose it is, if it was made by us.
        owner: Option<Owner>,
    },
    /// One refund: ask for the payment's refunds.
    Refund {
        /// Stripe's id of it (`re_…`).
        reference: String,
        /// The payment it gives back of.
        payment: String,
    },
    /// Some refund of a payment, the event does not say which (`charge.refunded`): ask for the payment's refunds.
    Refunds {
        /// Stripe's id of the payment (`pi_…`).
        payment: String,
        /// Whose it is, if it was made by us.
        owner: Option<Owner>,
    },
    /// A dispute: ask for it.
    Dispute {
        /// Stripe's id of it (`dp_…` or `du_…`).
        reference: String,
        /// The payment disputed.
        payment: String,
    },
}

/// Reads an event. `None` is one that is of no interest: another type, a refund or dispute of a charge that no
/// payment intent made, or one about an inquiry. An inquiry is a dispute whose status begins with `warning_`: a bank
/// asks and has withdrawn nothing, so no money has moved and there is nothing to record. It becomes news when the
/// bank escalates it, for then its status changes to that of a dispute.
///
/// # Errors
/// Not an event, or an event of interest without what makes it news.
pub fn parse(body: &[u8]) -> Result<Option<PaymentNews>, MalformedEvent> {
    let event: Value = serde_json::from_slice(body)?;
    let about = match text(&event, "/type", "type")? {
        "payment_intent.amount_capturable_updated"
        | "payment_intent.succeeded"
        | "payment_intent.payment_failed"
        | "payment_intent.canceled"
        | "payment_intent.requires_action" => {
            Some(About::Payment { reference: subject(&event)?, owner: owner_in(&event) })
        }
        "charge.refunded" => payment(&event)?.map(|payment| About::Refunds { payment, owner: owner_in(&event) }),
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            let reference = subject(&event)?;
            payment(&event)?.map(|payment| About::Refund { reference, payment })
        }
        "charge.dispute.created"
        | "charge.dispute.updated"
        | "charge.dispute.closed"
        | "charge.dispute.funds_withdrawn"
        | "charge.dispute.funds_reinstated" => dispute(&event)?,
        _ => None,
    };
    let Some(about) = about else { return Ok(None) };
    Ok(Some(PaymentNews { event: text(&event, "/id", "id")?.to_owned(), about }))
}

fn dispute(event: &Value) -> Result<Option<About>, MalformedEvent> {
    if is_inquiry(text(event, "/data/object/status", "data.object.status")?) {
        return Ok(None);
    }
    let reference = subject(event)?;
    Ok(payment(event)?.map(|payment| About::Dispute { reference, payment }))
}

fn text<'a>(event: &'a Value, place: &str, name: &'static str) -> Result<&'a str, MalformedEvent> {
    let found = event.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or(MalformedEvent::Without(name))
}

/// The id of what the event is about.
fn subject(event: &Value) -> Result<String, MalformedEvent> {
    text(event, "/data/object/id", "data.object.id").map(str::to_owned)
}

/// The payment intent a charge, refund or dispute belongs to. Null: a charge made without one, hence not ours.
fn payment(event: &Value) -> Result<Option<String>, MalformedEvent> {
    if event.pointer("/data/object/payment_intent").is_some_and(Value::is_null) {
        return Ok(None);
    }
    text(event, "/data/object/payment_intent", "data.object.payment_intent").map(|id| Some(id.to_owned()))
}

/// A charge has its intent's metadata, as it was when the charge was made.
fn owner_in(event: &Value) -> Option<Owner> {
    let metadata = event.pointer("/data/object/metadata")?.as_object()?;
    owner(|name| metadata.get(name)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, object: &Value) -> Value {
        json!({"id": "evt_1", "object": "event", "type": kind, "surprise": [1], "data": {"object": object}})
    }

    fn read(event: &Value) -> Result<Option<PaymentNews>, MalformedEvent> {
        parse(event.to_string().as_bytes())
    }

    fn about(kind: &str, object: &Value) -> Option<About> {
        let news = read(&event(kind, object)).unwrap()?;
        assert_eq!(news.event, "evt_1");
        Some(news.about)
    }

    fn text(text: &str) -> String {
        text.to_owned()
    }

    fn dispute(status: &str) -> Value {
        json!({"id": "dp_1", "object": "dispute", "payment_intent": "pi_1", "charge": "ch_1", "status": status})
    }

    #[test]
    fn a_payments_news_tell_whose_it_is() {
        let order = format!("ord-{}", "0".repeat(32));
        let metadata = json!({"tenant": "acme", "order_id": order, "tender": "2", "capture_1_2": "100"});
        let owner = Owner { tenant: "acme".parse().unwrap(), order: order.parse().unwrap(), tender: 2 };
        let kinds = ["amount_capturable_updated", "succeeded", "payment_failed", "canceled", "requires_action"];
        for kind in kinds.map(|kind| format!("payment_intent.{kind}")) {
            for (metadata, owner) in [(metadata.clone(), Some(owner.clone())), (json!({}), None), (Value::Null, None)] {
                let object = json!({"id": "pi_1", "object": "payment_intent", "metadata": metadata});
                assert_eq!(about(&kind, &object), Some(About::Payment { reference: text("pi_1"), owner }), "{kind}");
            }
        }
        let charge = json!({"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "metadata": metadata});
        let expected = About::Refunds { payment: text("pi_1"), owner: Some(owner) };
        assert_eq!(about("charge.refunded", &charge), Some(expected));
    }

    #[test]
    fn refunds_and_disputes_name_their_payment() {
        for kind in ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"] {
            let object = json!({"id": "re_1", "object": "refund", "payment_intent": "pi_1"});
            let expected = About::Refund { reference: text("re_1"), payment: text("pi_1") };
            assert_eq!(about(kind, &object), Some(expected), "{kind}");
        }
        for kind in ["created", "updated", "closed", "funds_withdrawn", "funds_reinstated"] {
            let kind = format!("charge.dispute.{kind}");
            for status in ["needs_response", "under_review", "won", "lost", "to_be_invented"] {
                let expected = About::Dispute { reference: text("dp_1"), payment: text("pi_1") };
                assert_eq!(about(&kind, &dispute(status)), Some(expected), "{kind} {status}");
            }
        }
    }

    #[test]
    fn what_moves_none_of_our_money_is_no_news() {
        for status in ["warning_needs_response", "warning_under_review", "warning_closed"] {
            assert_eq!(about("charge.dispute.created", &dispute(status)), None, "{status}");
        }
        let foreign = json!({"id": "x_1", "payment_intent": null, "status": "lost"});
        for kind in ["charge.refunded", "refund.created", "charge.dispute.closed", "plan.created", "charge.captured"] {
            assert_eq!(about(kind, &foreign), None, "{kind}");
        }
        assert_eq!(read(&json!({"type": "payment_intent.created"})), Ok(None));
    }

    #[test]
    fn a_malformed_event_is_refused_by_field_without_being_quoted() {
        let intent = event("payment_intent.succeeded", &json!({"id": "pi_1"}));
        let refund = event("refund.failed", &json!({"id": "re_1", "payment_intent": "pi_1"}));
        let dispute = event("charge.dispute.closed", &dispute("lost"));
        #[rustfmt::skip]
        let table = [
            (&intent,  "id"), (&intent, "type"), (&intent, "data.object.id"),
            (&refund,  "id"), (&refund, "data.object.id"), (&refund, "data.object.payment_intent"),
            (&dispute, "data.object.status"), (&dispute, "data.object.id"), (&dispute, "data.object.payment_intent"),
        ];
        for (event, field) in table {
            for bad in [json!(7), json!(""), json!({"name": "Jane Doe"})] {
                let mut event = event.clone();
                *event.pointer_mut(&format!("/{}", field.replace('.', "/"))).unwrap() = bad;
                let error = read(&event).unwrap_err();
                assert_eq!(error, MalformedEvent::Without(field));
                assert_eq!(error.to_string(), format!("an event without `{field}`"));
            }
        }
        let bare = json!({"id": "evt_1", "type": "refund.created", "data": {"object": {"id": "re_1"}}});
        assert_eq!(read(&bare), Err(MalformedEvent::Without("data.object.payment_intent")));
        for body in ["", "{", "{\"type\":\"Jane Doe}"] {
            let error = parse(body.as_bytes()).unwrap_err();
            assert!(
                matches!(error, MalformedEvent::Form(..)) && !error.to_string().contains("Jane"),
                "{body}: {error}"
            );
        }
        assert!(parse(b"{\"type\":\"\xff\"}").is_err());
        for body in ["[]", "null", "\"Jane\"", "{}"] {
            assert_eq!(parse(body.as_bytes()), Err(MalformedEvent::Without("type")), "{body}");
        }
    }
}
