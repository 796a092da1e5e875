//! An order's timeline: its events, in words.

mod payment;

use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::ledger::Posting;
use waybill_domain::order::{Event, Order, Recorded};
use waybill_domain::stock::Movement;

/// What happened to an order, first to last.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Timeline {
    /// The order.
    id: String,
    /// Its events.
    events: Vec<TimelineEvent>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEvent {
    /// 1, 2, 3, ...
    version: u32,
    /// RFC 3339 UTC.
    at: String,
    /// What.
    #[serde(rename = "type")]
    kind: &'static str,
    /// By whom: `client:…`, `user:…`, `stage:…`, `carrier`, `channel:…`, `sweep`.
    actor: String,
    /// In words; no personal data.
    summary: String,
    /// The money it moved: positive debits, negative credits, minor units.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    postings: Vec<Posting>,
    /// The units it moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    movements: Vec<Movement>,
}

impl Timeline {
    /// The order's timeline; with the processor's ids of payments for those who may see them.
    #[must_use]
    pub fn new(order: &Order, with_references: bool) -> Self {
        let event = |recorded: &Recorded| TimelineEvent {
            version: recorded.version,
            at: recorded.at.to_string(),
            kind: recorded.event.name(),
            actor: recorded.actor.0.clone(),
            summary: summary(&recorded.event, with_references),
            postings: recorded.postings.clone(),
            movements: recorded.movements.clone(),
        };
        Self { id: order.id.to_string(), events: order.history().iter().map(event).collect() }
    }
}

fn summary(event: &Event, with_references: bool) -> String {
    match event {
        Event::Placed(placed) => {
            let (lines, by) = (placed.lines.len(), placed.promise.deliver_by);
            format!("{lines} line(s), {}, promised by {by}", placed.total)
        }
        Event::Screened { verdict, reasons } if reasons.is_empty() => format!("{verdict:?}").to_lowercase(),
        Event::Screened { verdict, reasons } => {
            format!("{}: {}", format!("{verdict:?}").to_lowercase(), reasons.join("; "))
        }
        Event::Reviewed { approved, note } => format!("{}: {note}", if *approved { "approved" } else { "rejected" }),
        Event::Routed { fulfillments } => {
            let sites: Vec<String> =
                fulfillments.iter().map(|plan| format!("{} from {}", plan.number, plan.site)).collect();
            format!("fulfillment order {}", sites.join(", "))
        }
        Event::Picked { fulfillment, lines } => {
            let found: u32 = lines.iter().map(|line| line.picked).sum();
            format!("fulfillment order {fulfillment}: {found} unit(s)")
        }
        Event::Packed { fulfillment, packing } => {
            format!("fulfillment order {fulfillment}: {}, {} g", packing.carton, packing.weight_grams)
        }
        Event::Labeled { fulfillment, label } => {
            let (service, code, cost) = (&label.service, &label.tracking_code, label.cost);
            format!("fulfillment order {fulfillment}: {} {service} {code}, {cost}", label.carrier)
        }
        Event::LabelVoided { fulfillment } => format!("fulfillment order {fulfillment}"),
        Event::HandedOver { fulfillment, manifest } => {
            format!("fulfillment order {fulfillment} on manifest {manifest}")
        }
        Event::Dispatched { fulfillment, due } => format!("fulfillment order {fulfillment} earns {due}"),
        Event::BackorderFilled { lines, .. } => {
            let units: u32 = lines.iter().map(|line| line.units).sum();
            format!("{units} unit(s) came that were waited for")
        }
        Event::UnitsLost { case, .. } => case.reason.clone(),
        Event::ReservationLapsed => "reservation ended: not paid in time".to_owned(),
        Event::Reconfirmed { .. } => "reserved again".to_owned(),
        Event::StockReleased => "reservation or allocations given back".to_owned(),
        Event::Tracked { fulfillment, status, .. } => format!("fulfillment order {fulfillment}: {}", status.name()),
        // A person's note is their own words: shown to staff, never logged.
        Event::Cancelled(cancellation) => format!("{:?}: {}", cancellation.reason, cancellation.note),
        Event::PartnerRefused { partner, effect, code, message } => {
            format!("{partner} refused {effect}: {code}: {message}")
        }
        Event::ExceptionOpened(case) => format!("exception {}: {}: {}", case.number, case.stage, case.reason),
        Event::ExceptionResolved { number, note } => format!("exception {number}: {note}"),
        Event::Redriven { attempt, exception } => format!("attempt {attempt}, settles exception {exception}"),
        Event::Closed { invoice } => format!("invoice {invoice}"),
        Event::Payment(event) => payment::summary(event, with_references),
    }
}
