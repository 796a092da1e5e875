//! What comes next in a random life: what the workflow or people would do, or anything at all.

use crate::life::{Command, Pay, is_news};
use crate::sample::{account, after, goodwill, other_card, units};
use jiff::{SignedDuration, Timestamp};
use waybill_domain::money::Money;
use waybill_domain::order::{
    AccountKind, Authorization, Fulfillment, FulfillmentLine, FulfillmentStatus, LineUnits, NewHold, Order, Pending,
    PickedLine, RefundWish, ShipmentStatus, Tender, TenderState,
};
use waybill_domain::ports::{DisputeStatus, Disputed};
use waybill_domain::screening::Verdict;

/// A code of each kind, the first two of which are tried again.
const CODES: [&str; 5] =
    ["insufficient_funds", "try_again_later", "generic_decline", "stolen_card", "insufficient_balance"];

/// What the workflow or people would do next; `pick` chooses where several may.
pub fn due(order: &Order, now: Timestamp, pick: u8) -> Option<Command> {
    let number = |part: &Fulfillment| part.number;
    let mut open: Vec<Command> = Vec::new();
    if order.is_cancelled() {
        let labels = order.fulfillments.iter().map(number).map(Command::VoidLabel);
        open.extend(unneeded(order).chain(settle(order)).chain([Command::Release]).chain(labels));
    } else if order.fulfillments.is_empty() {
        let head = [Command::Screen(Verdict::Pass)].into_iter().chain(money(order, now, pick));
        open.extend(head.chain(unneeded(order)).chain([
            Command::Review(true),
            Command::Reconfirm(pick),
            Command::Route(pick),
        ]));
        open.extend(fills(order, pick));
        // The workflow's own order.
        open.retain(|command| is_news(command, order));
        open.truncate(1);
    } else {
        open.extend(order.fulfillments.iter().flat_map(|part| on_part(order, part, now, pick)));
        open.extend(fills(order, pick).chain([Command::Route(pick)]));
        open.extend(unneeded(order).chain(settle(order)).chain([Command::Complete]));
    }
    open.retain(|command| is_news(command, order));
    open.get(usize::from(pick) % open.len().max(1)).cloned()
}

/// Units come that are waited for: all of an item, or one.
fn fills(order: &Order, pick: u8) -> impl Iterator<Item = Command> {
    let units = move |waiting: i64| if pick.is_multiple_of(2) { 1 } else { u32::try_from(waiting).unwrap() };
    order.waits_for().into_iter().map(move |(sku, waiting)| Command::Fill(sku, units(waiting)))
}

fn unneeded(order: &Order) -> impl Iterator<Item = Command> {
    order.unneeded_holds().unwrap().into_iter().map(|hold| Command::Pay(Pay::Void(hold.reference)))
}

/// Every refund asked for is given back.
fn settle(order: &Order) -> impl Iterator<Item = Command> {
    order.payment.refunds.iter().flat_map(|known| {
        known.requested().map(|part| {
            let (refund, part) = (known.refund.number, part.number);
            let reference = format!("re_{}", known.effect(part));
            Command::Pay(Pay::Refunded { refund, part, reference })
        })
    })
}

/// What gets the money held: holds that lapsed, what is waited for, what is to be authorized, what is collected ahead.
fn money(order: &Order, now: Timestamp, pick: u8) -> Option<Command> {
    if let Some(lapsed) = order.lapsed_holds(now).next() {
        return Some(Command::Pay(Pay::Lapse(lapsed.reference.clone())));
    }
    if let Some(wanted) = order.to_authorize(now).unwrap() {
        let tender = order.payment.tender(wanted.tender).unwrap();
        return Some(authorize(tender, wanted.amount, None));
    }
    let collected =
        order.payment.tenders.iter().find(|tender| {
            matches!(tender.tender, Tender::Channel { collected: true, .. }) && tender.captured.is_zero()
        });
    if let Some((tender, hold)) = collected.and_then(|tender| Some((tender, tender.hold()?))) {
        let (tender, amount, reference) = (tender.number, tender.amount, hold.reference.clone());
        if !amount.is_zero() {
            return Some(Command::Pay(Pay::Prepay { tender, amount, reference }));
        }
    }
    let waiting = order.payment.tenders.iter().find(|tender| tender.pending.is_some())?;
    Some(match (&waiting.pending, pick % 3) {
        (Some(Pending::Action { .. }), 0) => authorize(waiting, waiting.amount, None),
        (_, 1) => Command::Pay(Pay::Name(waiting.number, other_card())),
        (_, _) => Command::Pay(Pay::Timer(now.max(order.timer()?))),
    })
}

/// The hold that is next on a tender, under a reference of its own: an accounts' answer is the same on every call.
fn authorize(tender: &TenderState, amount: Money, lasts: Option<Timestamp>) -> Command {
    let reference = format!("pi_{}_{}", tender.number, tender.holds.len());
    let expires_at = lasts.filter(|_| tender.tender.is_processed());
    Command::Pay(Pay::Authorize(tender.number, NewHold { amount, reference, elevated_risk: false, expires_at }))
}

fn on_part(order: &Order, part: &Fulfillment, now: Timestamp, pick: u8) -> Vec<Command> {
    let (n, how) = (part.number, pick / 16 % 6);
    match part.status {
        FulfillmentStatus::Open => vec![Command::Pick(n, found(part, how.saturating_sub(2)))],
        FulfillmentStatus::Picked => vec![Command::Pack(n)],
        FulfillmentStatus::Packed => vec![Command::Label(n)],
        FulfillmentStatus::Labeled => vec![Command::HandOver(n)],
        FulfillmentStatus::HandedOver if !part.dispatched => vec![Command::Dispatch(n)],
        FulfillmentStatus::HandedOver => match money(order, now, pick).or_else(|| paid(order, n)) {
            Some(command) => vec![command],
            None => vec![Command::Track(n, ShipmentStatus::Delivered, after(500))],
        },
        FulfillmentStatus::Short | FulfillmentStatus::Cancelled => vec![],
    }
}

/// The next capture of a fulfillment order: one tender after the other.
pub fn capture(order: &Order, fulfillment: u16) -> Option<Command> {
    let (tender, amount) = order.captures_wanted(fulfillment).ok()?.first().copied()?;
    let reference = order.payment.tender(tender)?.hold()?.reference.clone();
    let last = order.is_last_capture(fulfillment, tender);
    Some(Command::Pay(Pay::Capture { tender, fulfillment, amount, reference, last }))
}

/// The next capture; or, where it is refused because nothing is tried on the tender any more, what staff do about the
/// case that makes: they have the customer name a payment method, perhaps the same.
fn paid(order: &Order, fulfillment: u16) -> Option<Command> {
    if let Some(command) = capture(order, fulfillment).filter(|command| is_news(command, order)) {
        return Some(command);
    }
    let (tender, _) = order.captures_wanted(fulfillment).ok()?.first().copied()?;
    let stopped = order.payment.tender(tender)?.stopped;
    stopped.then(|| Command::Pay(Pay::Name(tender, other_card())))
}

/// What is found of a fulfillment order: all, half or nothing of each line.
fn found(part: &Fulfillment, how: u8) -> Vec<PickedLine> {
    let picked = |(index, line): (usize, &FulfillmentLine)| {
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

/// Anything at all.
pub fn anything(order: &Order, now: Timestamp, a: u8, b: u8) -> Option<Command> {
    use ShipmentStatus::{Delayed, Delivered, Exception, InTransit, Lost, OutForDelivery, PreTransit};
    let n = u16::from(b % 7 % 4);
    let part = order.fulfillment(n);
    let news = [PreTransit, InTransit, OutForDelivery, Delayed, Exception, Lost, Delivered];
    let command = match a % 48 {
        0 => Command::Screen(Verdict::Pass),
        1 => Command::Screen(if b.is_multiple_of(4) { Verdict::Reject } else { Verdict::Review }),
        5 => Command::Review(!b.is_multiple_of(3)),
        6 => Command::Route(b),
        2 => Command::Reconfirm(b),
        3 => Command::Fill(["A", "B", "C"][usize::from(b % 3)].parse().unwrap(), u32::from(b / 3 % 5)),
        4 => Command::Lose(LineUnits { line: u16::from(b % 4), units: u32::from(b / 4 % 3) }),
        7 | 8 => Command::Pick(n, part.map(|part| found(part, b)).unwrap_or_default()),
        9 => Command::Pack(n),
        // A label is bought where one was wanted; the answer may come after the order was called off.
        10 | 11 if part.is_some_and(|part| part.packing.is_some()) => Command::Label(n),
        12 => Command::HandOver(n),
        13 => Command::Dispatch(n),
        14 if part.is_some_and(|part| part.dispatched) => return capture(order, n),
        15 | 16 => Command::Track(n, news[usize::from(b) % news.len()], after(i64::from(b % 8))),
        17 if b.is_multiple_of(2) => Command::Cancel,
        19 => Command::VoidLabel(n),
        20 => Command::Except(b.is_multiple_of(2)),
        21 => Command::Resolve(n),
        22 => Command::Redrive(n),
        23 if b.is_multiple_of(2) => Command::PartnerRefused,
        23 => Command::Complete,
        other @ 24.. => return any_money(order, now, other - 24, b),
        _ => return None,
    };
    Some(command)
}

fn any_money(order: &Order, now: Timestamp, a: u8, b: u8) -> Option<Command> {
    let tenders = &order.payment.tenders;
    let tender = &tenders[usize::from(b) % tenders.len()];
    let (number, effect, code) = (tender.number, tender.authorize_effect(), CODES[usize::from(b / 4) % CODES.len()]);
    // An answer of the processor's is to something.
    let asked = order.to_authorize(now).unwrap().is_some_and(|wanted| wanted.tender == number);
    let lasts = now.checked_add(SignedDuration::from_hours(i64::from(b % 32) + 1)).ok();
    let pay = match a {
        // What is asked for; a processor may hold less, or more.
        0 | 1 => return Some(authorize(tender, tender.amount, lasts.filter(|_| b.is_multiple_of(2)))),
        2 if tender.tender.is_processed() => {
            let amount = (tender.amount.minor() + i64::from(b) - 40).max(0);
            return Some(authorize(tender, Money::new(amount, tender.amount.currency()), None));
        }
        3 if asked && tender.tender.is_processed() => {
            Pay::Action { tender: number, effect, reference: format!("pi_act_{number}_{}", tender.tries), now }
        }
        4 => match &tender.pending {
            Some(Pending::Action { reference, .. }) => Pay::ActionFailed { reference: reference.clone(), code, now },
            Some(Pending::Retry { .. } | Pending::Method { .. }) | None => return None,
        },
        5 if asked => Pay::Decline { tender: number, effect, code, now },
        6 => Pay::Name(number, if b.is_multiple_of(3) { account(AccountKind::StoreCredit) } else { other_card() }),
        7 => Pay::Timer(order.timer().filter(|_| b.is_multiple_of(2)).unwrap_or(now)),
        8 => Pay::Lapse(tender.hold().filter(|_| tender.tender.is_processed())?.reference.clone()),
        9 => Pay::Void(tender.hold()?.reference.clone()),
        10 if b.is_multiple_of(3) => capture_outside(tender, b)?,
        11 | 12 => {
            let amount = Money::new(i64::from(b) * 7, tender.amount.currency());
            Pay::InvoicePaid { tender: number, amount, reference: format!("bank-{}", order.version) }
        }
        13..=16 => Pay::Refund(wish(order, a, b)),
        17 | 18 => return settle(order).next(),
        19 | 20 => refund_failed(order, b)?,
        21 => Pay::RefundRetry(u16::from(b % 4)),
        22 => refund_outside(order, tender, b)?,
        _ => Pay::Dispute(dispute(order, tender, b)?),
    };
    Some(Command::Pay(pay))
}

/// All of what is left of a hold, or a part of it.
fn capture_outside(tender: &TenderState, b: u8) -> Option<Pay> {
    let whole = |hold: &&Authorization| hold.amount.minor() >= tender.amount.minor() && tender.captured.is_zero();
    let hold = tender.hold().filter(|_| tender.tender.is_processed()).filter(whole)?;
    let taken = if b.is_multiple_of(2) { hold.amount } else { hold.amount.share(0, u32::from(b), 256) };
    Some(Pay::CaptureOutside { reference: hold.reference.clone(), taken })
}

fn wish(order: &Order, a: u8, b: u8) -> RefundWish {
    let money = |minor: i64| Money::new(minor, order.placed.currency());
    let (line, quantity) = (u16::from(b % 3) + 1, u32::from(b / 3 % 4));
    match a {
        13 => units(&[(line, quantity)]),
        14 => goodwill(money(i64::from(b) * 5)),
        15 => RefundWish { overcharge: true, ..units(&[]) },
        _ => RefundWish { shipping: Some(money(i64::from(b) * 3)), ..units(&[(line, quantity)]) },
    }
}

fn refund_failed(order: &Order, b: u8) -> Option<Pay> {
    let refunds = &order.payment.refunds;
    let known = refunds.get(usize::from(b) % refunds.len().max(1))?;
    let (part, _) = known.parts.get(usize::from(b / 4) % known.parts.len())?;
    // An account the merchant keeps does not refuse money that it has.
    let processed = order.payment.tender(part.tender)?.tender.is_processed();
    let reference = format!("re_{}", known.effect(part.number));
    processed.then_some(Pay::RefundFailed { refund: known.refund.number, part: part.number, reference })
}

fn refund_outside(order: &Order, tender: &TenderState, b: u8) -> Option<Pay> {
    let reference = format!("re_outside_{}", b % 3);
    if b.is_multiple_of(4) {
        return Some(Pay::RefundOutsideFailed(reference));
    }
    let payment = tender.holds.last().filter(|_| tender.tender.is_processed())?.reference.clone();
    Some(Pay::RefundOutside { payment, amount: Money::new(i64::from(b) + 1, order.placed.currency()), reference })
}

fn dispute(order: &Order, tender: &TenderState, b: u8) -> Option<Disputed> {
    let payment = tender.holds.last().filter(|_| tender.tender.is_processed())?.reference.clone();
    let money = |minor| Money::new(minor, order.placed.currency());
    let status = [DisputeStatus::Open, DisputeStatus::Won, DisputeStatus::Lost][usize::from(b / 2 % 3)];
    let reference = format!("dp_{}", b % 2);
    let (amount, fee, reason) = (money(i64::from(b) * 2 + 1), money(15), "fraudulent".to_owned());
    Some(Disputed { reference, payment, amount, fee, reason, status, evidence_due: None })
}
