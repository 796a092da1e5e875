//! A dispute as JSON.

use super::with_nulls;
use crate::stripe::disputes::{Dispute, DisputeStatus, Movement};
use serde_json::{Value, json};

/// What may be put forward.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

/// A dispute, as it is at `now`.
pub fn dispute(dispute: &Dispute, now: i64) -> Value {
    let movements: Vec<_> = dispute.movements.iter().map(|movement| transaction(dispute, movement)).collect();
    let mut evidence = with_nulls(json!({"enhanced_evidence": {}}), &EVIDENCE);
    for (name, value) in &dispute.evidence {
        evidence[name] = value.clone().into();
    }
    let unanswered = matches!(dispute.status, DisputeStatus::NeedsResponse | DisputeStatus::WarningNeedsResponse);
    json!({
        "id": dispute.id, "object": "dispute", "livemode": false, "created": dispute.created,
        "amount": dispute.of.amount, "currency": dispute.of.currency, "reason": dispute.reason,
        "status": dispute.status.as_str(), "charge": dispute.of.charge, "payment_intent": dispute.of.payment_intent,
        "balance_transaction": dispute.movements.first().map(|movement| &movement.id),
        "balance_transactions": movements, "is_charge_refundable": dispute.inquiry,
        "evidence": evidence, "enhanced_eligibility_types": [],
        "evidence_details": {
            "due_by": dispute.due_by(), "has_evidence": !dispute.evidence.is_empty(),
            "past_due": unanswered && now > dispute.due_by(), "submission_count": dispute.submissions,
            "enhanced_eligibility": {},
        },
        "payment_method_details": {"type": "card", "card": {
            "brand": dispute.of.brand, "case_type": if dispute.inquiry { "inquiry" } else { "chargeback" },
            "network_reason_code": network_reason(dispute.reason),
        }},
        "metadata": dispute.metadata,
    })
}

/// What Visa calls the reason.
fn network_reason(reason: &str) -> &'static str {
    match reason {
        "fraudulent" | "unrecognized" => "10.4",
        "product_not_received" => "13.1",
        "subscription_canceled" => "13.2",
        "product_unacceptable" => "13.3",
        "credit_not_processed" => "13.6",
        "duplicate" => "12.6.1",
        _ => "13.7",
    }
}

fn transaction(dispute: &Dispute, movement: &Movement) -> Value {
    let (category, what) = if movement.amount < 0 {
        ("dispute", "Chargeback withdrawal")
    } else {
        ("dispute_reversal", "Chargeback reversal")
    };
    let fee = json!({
        "amount": movement.fee, "application": null, "currency": dispute.of.currency, "description": "Dispute fee",
        "type": "stripe_fee",
    });
    json!({
        "id": movement.id, "object": "balance_transaction", "amount": movement.amount, "fee": movement.fee,
        "fee_details": if movement.fee == 0 { json!([]) } else { json!([fee]) },
        "net": movement.amount - movement.fee, "currency": dispute.of.currency, "exchange_rate": null,
        "created": movement.created, "available_on": movement.created, "status": "available",
        "description": format!("{what} for {}", dispute.of.charge), "reporting_category": category,
        "type": "adjustment", "balance_type": "payments", "source": dispute.id,
    })
}
