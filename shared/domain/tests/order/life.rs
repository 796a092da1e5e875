//! Random lives of random orders: what people, partners and the workflow may do, in any order and at any time.

use crate::chance::{anything, due};
use crate::mix::{Mix, mix, order_of};
use crate::sale::{Sale, sale};
use crate::sample::{after, label, outcome, packing, site};
use jiff::Timestamp;
use proptest::prelude::*;
use waybill_domain::id::Sku;
use waybill_domain::money::Money;
use waybill_domain::order::{
    Actor, CancelReason, Decided, Fill, LineUnits, NewHold, Order, PickedLine, RefundWish, Rejection, ShipmentStatus,
    Tender,
};
use waybill_domain::ports::Disputed;
use waybill_domain::routing::Share;
use waybill_domain::screening::Verdict;
use waybill_domain::stock::{Picked, Stow};

/// One thing that is tried, with all it says: repeated, it says the same.
#[derive(Clone, Debug)]
pub enum Command {
    Screen(Verdict),
    Pay(Pay),
    Review(bool),
    Route(u8),
    Reconfirm(u8),
    Fill(Sku, u32),
    Lose(LineUnits),
    Pick(u16, Vec<PickedLine>),
    Pack(u16),
    Label(u16),
    HandOver(u16),
    Dispatch(u16),
    Track(u16, ShipmentStatus, Timestamp),
    Cancel,
    Release,
    VoidLabel(u16),
    Complete,
    Except(bool),
    Resolve(u16),
    Redrive(u16),
    PartnerRefused,
}

/// One thing about money.
#[derive(Clone, Debug)]
pub enum Pay {
    Authorize(u16, NewHold),
    Action { tender: u16, effect: String, reference: String, now: Timestamp },
    ActionFailed { reference: String, code: &'static str, now: Timestamp },
    Decline { tender: u16, effect: String, code: &'static str, now: Timestamp },
    Name(u16, Tender),
    Timer(Timestamp),
    Lapse(String),
    Void(String),
    Prepay { tender: u16, amount: Money, reference: String },
    Capture { tender: u16, fulfillment: u16, amount: Money, reference: String, last: bool },
    CaptureOutside { reference: String, taken: Money },
    InvoicePaid { tender: u16, amount: Money, reference: String },
    Refund(RefundWish),
    Refunded { refund: u16, part: u16, reference: String },
    RefundFailed { refund: u16, part: u16, reference: String },
    RefundRetry(u16),
    RefundOutside { payment: String, amount: Money, reference: String },
    RefundOutsideFailed(String),
    Dispute(Disputed),
}

impl Command {
    pub fn decide(&self, order: &Order) -> Decided {
        match self.clone() {
            Self::Screen(verdict) => order.decide_screened(verdict, vec!["a rule".to_owned()]),
            Self::Pay(pay) => pay.decide(order),
            Self::Review(approved) => order.decide_reviewed(approved, "looked at".to_owned()),
            Self::Route(how) => order.decide_routed(&shares(order, how)),
            Self::Reconfirm(how) => order.decide_reconfirmed(&backordered(order, how)),
            Self::Fill(sku, units) => order.decide_filled(&sku, units),
            Self::Lose(lost) => order.decide_units_lost(&[lost]),
            Self::Pick(n, lines) => order.decide_picked(n, lines),
            Self::Pack(n) => order.decide_packed(n, packing()),
            Self::Label(n) => order.decide_labeled(n, label(n)),
            Self::HandOver(n) => order.decide_handed_over(n, "M-1".to_owned()),
            Self::Dispatch(n) => order.decide_dispatched(n),
            Self::Track(n, status, seen_at) => order.decide_tracked(n, status, seen_at),
            Self::Cancel => order.decide_cancelled(CancelReason::Customer, "asked for".to_owned()),
            Self::Release => order.decide_stock_released(),
            Self::VoidLabel(n) => order.decide_label_voided(n),
            Self::Complete => order.decide_completed(),
            Self::Except(retry) => order.decide_exception("pick", Some(1), "it is late", retry),
            Self::Resolve(n) => order.decide_resolved(n, "done".to_owned()),
            Self::Redrive(n) => order.decide_redriven(n),
            Self::PartnerRefused => order.decide_partner_refused("payment", "capture-1", "no", "not that much"),
        }
    }
}

impl Pay {
    fn decide(self, order: &Order) -> Decided {
        match self {
            Self::Authorize(tender, hold) => order.decide_authorized(tender, hold),
            Self::Action { tender, effect, reference, now } => {
                order.decide_action_required(tender, &effect, reference, None, now)
            }
            Self::ActionFailed { reference, code, now } => order.decide_action_failed(&reference, code.to_owned(), now),
            Self::Decline { tender, effect, code, now } => order.decide_declined(tender, &effect, code.to_owned(), now),
            Self::Name(tender, with) => order.decide_method_named(tender, with),
            Self::Timer(now) => order.decide_timer(now),
            Self::Lapse(reference) => order.decide_lapsed(&reference),
            Self::Void(reference) => order.decide_voided(&reference),
            Self::Prepay { tender, amount, reference } => order.decide_captured(tender, None, amount, &reference, true),
            Self::Capture { tender, fulfillment, amount, reference, last } => {
                order.decide_captured(tender, Some(fulfillment), amount, &reference, last)
            }
            Self::CaptureOutside { reference, taken } => order.decide_captured_outside(&reference, taken),
            Self::InvoicePaid { tender, amount, reference } => order.decide_invoice_paid(tender, amount, reference),
            Self::Refund(wish) => order.decide_refund(&wish, None),
            Self::Refunded { refund, part, reference } => order.decide_refunded(refund, part, reference),
            Self::RefundFailed { refund, part, reference } => {
                order.decide_refund_failed(refund, part, reference, "declined".to_owned())
            }
            Self::RefundRetry(refund) => order.decide_refund_retried(refund),
            Self::RefundOutside { payment, amount, reference } => {
                order.decide_refunded_outside(&payment, amount, &reference)
            }
            Self::RefundOutsideFailed(reference) => {
                order.decide_refund_failed_outside(&reference, "declined".to_owned())
            }
            Self::Dispute(seen) => order.decide_disputed(&seen),
        }
    }

    /// A fact of the processor's, which it may tell of again at any later time.
    pub fn is_told_again(&self) -> bool {
        match self {
            Self::Authorize(..)
            | Self::ActionFailed { .. }
            | Self::Lapse(_)
            | Self::Prepay { .. }
            | Self::Capture { .. }
            | Self::CaptureOutside { .. }
            | Self::Refunded { .. }
            | Self::RefundFailed { .. }
            | Self::RefundOutside { .. }
            | Self::RefundOutsideFailed(_)
            | Self::Dispute(_) => true,
            Self::Action { .. }
            | Self::Decline { .. }
            | Self::Name(..)
            | Self::Timer(_)
            | Self::Void(_)
            | Self::InvoicePaid { .. }
            | Self::Refund(_)
            | Self::RefundRetry(_) => false,
        }
    }
}

fn shares(order: &Order, how: u8) -> Vec<Share> {
    let sites = ["east", "west", "north"];
    let share = |at: usize, line: usize, quantity| {
        let stows = if order.placed.lines[line].sku.as_str() == KEPT_BY_LOT { lots(quantity, how) } else { Vec::new() };
        Share { site: site(sites[at % 3]), line, quantity, stows }
    };
    let split = |(line, (_, quantity)): (usize, (_, u32))| match how % 3 {
        0 => vec![share(0, line, quantity)],
        1 => vec![share(line, line, quantity)],
        _ => vec![share(0, line, quantity / 2), share(1, line, quantity - quantity / 2)],
    };
    let all = order.demand().into_iter().enumerate().flat_map(split);
    let all = all.filter(|share| share.quantity > 0);
    // Now and then just a part of it: the rest takes another event.
    if how.is_multiple_of(5) { all.take(1).collect() } else { all.collect() }
}

/// The item whose units differ.
pub const KEPT_BY_LOT: &str = "C";

/// A lot of that item.
pub fn lot(name: &str) -> Stow {
    Stow { lot: Some(name.parse().unwrap()), ..Stow::default() }
}

fn lots(quantity: u32, how: u8) -> Vec<Picked> {
    let first = u32::from(how) % (quantity + 1);
    let picked = [("L1", first), ("L2", quantity - first)].map(|(name, quantity)| Picked { stow: lot(name), quantity });
    picked.into_iter().filter(|picked| picked.quantity > 0).collect()
}

/// What is not here any more when a reservation is made again: nothing, or some of every line.
fn backordered(order: &Order, how: u8) -> Vec<LineUnits> {
    let waits = order.placed.fill != Fill::FillOrKill && how.is_multiple_of(2);
    let lines = order.placed.lines.iter().filter(|_| waits);
    lines.map(|line| LineUnits { line: line.number, units: line.quantity * u32::from(how) / 255 }).collect()
}

/// A command tried on an order.
#[derive(Clone, Debug)]
pub struct Tried {
    pub before: Order,
    pub command: Command,
    pub decided: Decided,
    pub after: Order,
}

/// A whole life: every command that was tried, first to last.
#[derive(Clone)]
pub struct Life {
    pub sale: Sale,
    pub mix: (Mix, i64),
    pub begun: Order,
    pub tried: Vec<Tried>,
    pub order: Order,
    now: Timestamp,
}

/// What a person needs to see of a life that breaks a law.
impl std::fmt::Debug for Life {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:?}, {:?} of {}", self.sale, self.mix, self.begun.placed.total)?;
        let mut tried = self.tried.iter();
        tried.try_for_each(|tried| writeln!(f, "  {:?} -> {}", tried.command, outcome(&tried.decided)))
    }
}

impl Life {
    /// Only what was accepted and recorded.
    pub fn recorded(&self) -> impl Iterator<Item = &Tried> {
        self.tried.iter().filter(|tried| outcome(&tried.decided) == "recorded")
    }

    fn take(&mut self, command: Command) {
        let decided = command.decide(&self.order);
        if let Command::Pay(Pay::Timer(now)) = &command {
            self.now = self.now.max(*now);
        }
        let next = match decided.clone() {
            Ok(Some(draft)) => self.order.record(draft, self.now, Actor("test".to_owned()), None).0,
            Ok(None) | Err(_) => self.order.clone(),
        };
        let before = std::mem::replace(&mut self.order, next.clone());
        self.tried.push(Tried { before, command, decided, after: next });
        self.now = self.now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    }
}

/// Random numbers, turned into a command by the order they meet.
type Step = (u8, u8, u8);

/// Any life, pushed on to its end.
pub fn life() -> impl Strategy<Value = Life> {
    let steps = prop::collection::vec(any::<Step>(), 0..50);
    (sale(), mix(), steps, any::<u8>()).prop_map(|(sale, mix, steps, seed)| live(&sale, mix, &steps, seed))
}

fn live(sale: &Sale, mix: (Mix, i64), steps: &[Step], seed: u8) -> Life {
    let order = order_of(sale, mix);
    let (sale, begun, tried) = (sale.clone(), order.clone(), Vec::new());
    let mut life = Life { sale, mix, begun, tried, order, now: after(0) };
    for (kind, a, b) in steps {
        // Mostly what comes next, so that lives get somewhere; now and then anything at all.
        let random = kind.is_multiple_of(2);
        let next = if random { anything(&life.order, life.now, *a, *b) } else { due(&life.order, life.now, *a) };
        if let Some(command) = next {
            life.take(command);
        }
    }
    while let Some(command) = due(&life.order, life.now, seed) {
        life.take(command);
        assert!(life.tried.len() < 400, "a life without end: {life:?}");
    }
    life
}

/// Would it be recorded?
pub fn is_news(command: &Command, order: &Order) -> bool {
    matches!(command.decide(order), Ok(Some(_)))
}

/// Was it refused by name, rather than by an amount that cannot be computed?
pub fn is_named(rejection: &Rejection) -> bool {
    !matches!(rejection, Rejection::Money(_))
}
