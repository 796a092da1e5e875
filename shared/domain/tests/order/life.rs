//! Random lives of random orders: what people, partners and the workflow may do, in any order and at any time.

use crate::sale::{Payer, Sale, sale};
use crate::sample::{after, label, outcome, packing, site};
use jiff::Timestamp;
use proptest::prelude::*;
use waybill_domain::money::Money;
use waybill_domain::order::{
    Actor, CancelReason, Decided, Fulfillment, FulfillmentStatus, Order, PickedLine, ShipmentStatus,
};
use waybill_domain::routing::Share;
use waybill_domain::screening::Verdict;

/// One thing that is tried.
#[derive(Clone, Debug)]
pub enum Command {
    Screen(Verdict),
    Authorize { amount: Money, risk: bool },
    Decline,
    Prepay,
    Review(bool),
    Route(u8),
    Pick(u16, Vec<PickedLine>),
    Pack(u16),
    Label(u16),
    HandOver(u16),
    Dispatch(u16),
    Capture(u16),
    Track(u16, ShipmentStatus, Timestamp),
    Cancel,
    Void,
    Release,
    VoidLabel(u16),
    Complete,
    Except(bool),
    Resolve(u16),
    Redrive(u16),
    PartnerRefused,
}

impl Command {
    pub fn decide(&self, order: &Order) -> Decided {
        let reference = || "pi_1".to_owned();
        match self.clone() {
            Self::Screen(verdict) => order.decide_screened(verdict, vec!["a rule".to_owned()]),
            Self::Authorize { amount, risk } => order.decide_authorized(amount, reference(), risk),
            Self::Decline => order.decide_declined("card_declined".to_owned()),
            Self::Prepay => order.decide_captured(None, order.placed.total, reference()),
            Self::Review(approved) => order.decide_reviewed(approved, "looked at".to_owned()),
            Self::Route(how) => order.decide_routed(&shares(order, how)),
            Self::Pick(n, lines) => order.decide_picked(n, lines),
            Self::Pack(n) => order.decide_packed(n, packing()),
            Self::Label(n) => order.decide_labeled(n, label(n)),
            Self::HandOver(n) => order.decide_handed_over(n, "M-1".to_owned()),
            Self::Dispatch(n) => order.decide_dispatched(n),
            Self::Capture(n) => match order.capture_wanted(n)? {
                Some(due) => order.decide_captured(Some(n), due, reference()),
                None => Ok(None),
            },
            Self::Track(n, status, seen_at) => order.decide_tracked(n, status, seen_at),
            Self::Cancel => order.decide_cancelled(CancelReason::Customer, "asked for".to_owned()),
            Self::Void => order.decide_voided(),
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

fn shares(order: &Order, how: u8) -> Vec<Share> {
    let sites = ["east", "west", "north"];
    let share = |at: usize, line, quantity| Share { site: site(sites[at % 3]), line, quantity };
    let split = |(line, (_, quantity)): (usize, (_, u32))| match how % 3 {
        0 => vec![share(0, line, quantity)],
        1 => vec![share(line, line, quantity)],
        _ => vec![share(0, line, quantity / 2), share(1, line, quantity - quantity / 2)],
    };
    let all = order.demand().into_iter().enumerate().flat_map(split);
    all.filter(|share| share.quantity > 0).collect()
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
    pub begun: Order,
    pub tried: Vec<Tried>,
    pub order: Order,
}

/// What a person needs to see of a life that breaks a law.
impl std::fmt::Debug for Life {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:?}", self.sale)?;
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
        let hour = i64::try_from(self.tried.len()).unwrap();
        let next = match decided.clone() {
            Ok(Some(draft)) => self.order.record(draft, after(hour), Actor("test".to_owned()), None).0,
            Ok(None) | Err(_) => self.order.clone(),
        };
        let before = std::mem::replace(&mut self.order, next.clone());
        self.tried.push(Tried { before, command, decided, after: next });
    }
}

/// Random numbers, turned into a command by the order they meet.
type Step = (u8, u8, u8);

/// Any life, pushed on to its end.
pub fn life() -> impl Strategy<Value = Life> {
    let steps = prop::collection::vec(any::<Step>(), 0..50);
    (sale(), steps, any::<u8>()).prop_map(|(sale, steps, seed)| live(&sale, &steps, seed))
}

fn live(sale: &Sale, steps: &[Step], seed: u8) -> Life {
    let order = sale.order();
    let mut life = Life { sale: sale.clone(), begun: order.clone(), tried: Vec::new(), order };
    for (kind, a, b) in steps {
        // Mostly what comes next, so that lives get somewhere; now and then anything at all.
        let command =
            if kind.is_multiple_of(2) { anything(&life.order, *a, *b) } else { due(&life.order, sale.tender, *a) };
        if let Some(command) = command {
            life.take(command);
        }
    }
    while let Some(command) = due(&life.order, sale.tender, seed) {
        life.take(command);
        assert!(life.tried.len() < 300, "a life without end: {:?}", life.tried.last());
    }
    life
}

/// What the workflow or people would do next; `pick` chooses where several may.
fn due(order: &Order, payer: Payer, pick: u8) -> Option<Command> {
    let number = |part: &Fulfillment| part.number;
    let mut open: Vec<Command> = Vec::new();
    if order.is_cancelled() {
        let labels = order.fulfillments.iter().map(number).map(Command::VoidLabel);
        open.extend([Command::Void, Command::Release].into_iter().chain(labels));
    } else if order.fulfillments.is_empty() {
        let amount = order.placed.total;
        let collect = payer == Payer::ChannelCollected && order.payment.authorization.is_some();
        let prepay = collect.then_some(Command::Prepay);
        let head = [Command::Screen(Verdict::Pass), Command::Authorize { amount, risk: false }];
        open.extend(head.into_iter().chain(prepay).chain([Command::Review(true), Command::Route(pick)]));
        // The workflow's own order.
        open.retain(|command| matches!(command.decide(order), Ok(Some(_))));
        open.truncate(1);
    } else {
        open.extend(order.fulfillments.iter().flat_map(|part| on_part(order, part, pick / 16 % 6)));
        open.push(Command::Complete);
    }
    open.retain(|command| matches!(command.decide(order), Ok(Some(_))));
    open.get(usize::from(pick) % open.len().max(1)).cloned()
}

fn on_part(order: &Order, part: &Fulfillment, how: u8) -> Vec<Command> {
    let n = part.number;
    match part.status {
        FulfillmentStatus::Open => vec![Command::Pick(n, found(part, how.saturating_sub(2)))],
        FulfillmentStatus::Picked => vec![Command::Pack(n)],
        FulfillmentStatus::Packed => vec![Command::Label(n)],
        FulfillmentStatus::Labeled => vec![Command::HandOver(n)],
        FulfillmentStatus::HandedOver if !part.dispatched => vec![Command::Dispatch(n)],
        FulfillmentStatus::HandedOver if matches!(order.capture_wanted(n), Ok(Some(_))) => vec![Command::Capture(n)],
        FulfillmentStatus::HandedOver => vec![Command::Track(n, ShipmentStatus::Delivered, after(500))],
        FulfillmentStatus::Short | FulfillmentStatus::Cancelled => vec![],
    }
}

/// What is found of a fulfillment order: all, half or nothing of each line.
fn found(part: &Fulfillment, how: u8) -> Vec<PickedLine> {
    let picked = |(index, line): (usize, &waybill_domain::order::FulfillmentLine)| {
        let picked = match (usize::from(how) + index) % 3 {
            _ if how == 0 => line.quantity,
            0 => line.quantity / 2,
            1 => 0,
            _ => line.quantity,
        };
        PickedLine { line: line.line, picked }
    };
    part.lines.iter().enumerate().map(picked).collect()
}

fn anything(order: &Order, a: u8, b: u8) -> Option<Command> {
    use ShipmentStatus::{Delayed, Delivered, Exception, InTransit, Lost, OutForDelivery, PreTransit};
    let n = u16::from(b % 7 % 4);
    let part = order.fulfillment(n);
    let total = order.placed.total;
    let news = [PreTransit, InTransit, OutForDelivery, Delayed, Exception, Lost, Delivered];
    let command = match a % 24 {
        0 => Command::Screen(Verdict::Pass),
        1 => Command::Screen(if b.is_multiple_of(4) { Verdict::Reject } else { Verdict::Review }),
        2 => Command::Authorize { amount: total, risk: b.is_multiple_of(2) },
        // More or less than was asked for.
        3 => Command::Authorize {
            amount: Money::new((total.minor() + i64::from(b) - 40).max(0), total.currency()),
            risk: false,
        },
        4 if b.is_multiple_of(4) => Command::Decline,
        5 => Command::Review(!b.is_multiple_of(3)),
        6 => Command::Route(b),
        7 | 8 => Command::Pick(n, part.map(|part| found(part, b)).unwrap_or_default()),
        9 => Command::Pack(n),
        // A label is bought where one was wanted; the answer may come after the order was called off.
        10 | 11 if part.is_some_and(|part| part.packing.is_some()) => Command::Label(n),
        12 => Command::HandOver(n),
        13 => Command::Dispatch(n),
        14 if part.is_some_and(|part| part.dispatched) => Command::Capture(n),
        15 | 16 => Command::Track(n, news[usize::from(b) % news.len()], after(i64::from(b % 8))),
        17 => Command::Cancel,
        18 => Command::Void,
        19 => Command::VoidLabel(n),
        20 => Command::Except(b.is_multiple_of(2)),
        21 => Command::Resolve(n),
        22 => Command::Redrive(n),
        23 if b.is_multiple_of(2) => Command::PartnerRefused,
        23 => Command::Complete,
        _ => return None,
    };
    Some(command)
}
