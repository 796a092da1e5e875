//! All that is left of a world when nothing moves any more, as lines of text: what orders, counters, partners' books and
//! outgoing messages say. How it came about is left out: the order's events, who was first, what was claimed.

use waybill_domain::id::digest_of;
use waybill_domain::order::Order;
use waybill_domain::ports::Stock as _;
use waybill_testkit::{World, block_on, tenant};

/// Messages that are sent only while a payment waits.
const LATE: [&str; 3] =
    ["did not go through yet", "means of payment for your order", "confirm the payment for your order"];

/// What there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(pub Vec<String>);

/// The counts that wait for a decision.
async fn cases(world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    for id in world.stock.cases(&tenant(), None, 100).await.map(|page| page.rows).unwrap_or_default() {
        let count = world.stock.document(&tenant(), &id).await.ok().flatten();
        lines.push(format!("case {:?}", count.map(|count| count.body)));
    }
    lines
}

/// `2026-11-02T12:00:00Z`, and days, are `T`.
fn without_times(line: &str) -> String {
    let is_time = |word: &str| word.starts_with("20") && word.len() >= 10 && word.as_bytes()[4] == b'-';
    let ends = |letter: char| !(letter.is_ascii_alphanumeric() || ":-.".contains(letter));
    let words = line.split_inclusive(ends);
    words
        .map(|word| {
            let (text, end) = word.split_at(word.trim_end_matches(ends).len());
            if is_time(text) { format!("T{end}") } else { word.to_owned() }
        })
        .collect()
}

/// The order as it stands, without its history.
fn order(order: &Order) -> Vec<String> {
    let id = &order.id;
    let mut lines = vec![
        format!("order {id}: {:?}, stock {:?}, attempt {}", order.axes(), order.stock, order.attempt),
        format!("order {id}: screened {:?}, reviewed {:?}", order.screening, order.review),
        format!("order {id}: cancelled {:?}, invoice {:?}", order.cancelled, order.invoice),
        format!("order {id}: money {:?}", order.payment),
        format!("order {id}: waits for {:?}, reserves {:?}", order.waits_for(), order.reserved_units()),
    ];
    lines.extend(order.fulfillments.iter().map(|part| format!("order {id}: part {part:?}")));
    lines.extend(order.cases.iter().map(|open| {
        format!("order {id}: case {} {:?} resolved {}", open.case.reason, open.case.fulfillment, open.resolved)
    }));
    lines
}

impl State {
    /// What is left of `world`.
    pub fn of(world: &World) -> Self {
        let mut lines: Vec<String> = world.memory.all_orders().iter().flat_map(order).collect();
        let counters = world.memory.counters();
        let counters = counters.iter().filter(|(_, units)| **units != 0);
        lines.extend(counters.map(|((_, shelf, counter), units)| format!("stock {shelf:?} {counter:?}: {units}")));
        lines.extend(
            world.memory.reservations().iter().map(|((_, order), units)| format!("reserved {order}: {units:?}")),
        );
        for hold in world.processor.holds() {
            let refunds = world.processor.refunds_of(&hold.held.reference);
            lines.push(format!("processor {hold:?}, refunds {refunds:?}"));
        }
        lines.extend(world.labels.parcels().iter().map(|parcel| format!("label {parcel:?}")));
        lines.extend(world.workflows.started().iter().map(|started| format!("started {}", started.name())));
        lines.extend(world.workflows.answers().iter().map(|(token, answer)| format!("answered {token}: {answer:?}")));
        lines.extend(world.mailer.sent().iter().map(|mail| format!("sent {mail:?}")));
        lines.extend(block_on(cases(world)));
        lines.sort();
        Self(lines)
    }

    /// Without times, without the answers to waits (their tokens bear numbers), without messages about a payment that waits
    /// (they are not sent once that is over), and with parcels named by what is in them: what depends on who was first and
    /// means nothing.
    pub fn timeless(self, world: &World) -> Self {
        let parcels = world.labels.parcels();
        let name = |line: String| {
            parcels.iter().fold(without_times(&line), |line, parcel| {
                let shipment = &parcel.quoted.shipment;
                let code = parcel.quoted.label.as_ref().map(|label| label.tracking_code.clone());
                let line = line.replace(shipment, &parcel.reference);
                code.map_or(line.clone(), |code| line.replace(&code, &parcel.reference))
            })
        };
        let is_late = |line: &str| LATE.iter().any(|words| line.starts_with("sent") && line.contains(words));
        let lines = self.0.into_iter().filter(|line| !line.starts_with("answered") && !is_late(line));
        let mut lines: Vec<String> = lines.map(name).collect();
        lines.sort();
        Self(lines)
    }

    /// What stands for all of it.
    pub fn hash(&self) -> String {
        digest_of(&[&self.0.join("\n")])[..16].to_owned()
    }

    /// What one has and the other has not.
    pub fn unlike(&self, other: &Self) -> Vec<String> {
        let only = |here: &Self, there: &Self, sign: char| -> Vec<String> {
            let mut left = there.0.clone();
            let mut lines = Vec::new();
            for line in &here.0 {
                match left.iter().position(|other| other == line) {
                    Some(at) => drop(left.swap_remove(at)),
                    None => lines.push(format!("{sign} {line}")),
                }
            }
            lines
        };
        let mut lines = only(self, other, '+');
        lines.extend(only(other, self, '-'));
        lines
    }
}
