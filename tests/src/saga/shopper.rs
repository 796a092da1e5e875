//! The shopper whose payment waits, and the customer with an invoice: through the functions they have.

use super::execution::Surroundings as _;
use super::people::{self, caller, is_passing};
use super::run::{Ground, TRIES};
use super::scenario::Script;
use super::shuffled::News;
use waybill_domain::catalog::Role;
use waybill_domain::order::{Order, Pending, RefundLine, RefundWish, StockHold, Tender, TenderState};
use waybill_gateways::payment_webhook::{About, PaymentNews};
use waybill_testkit::{World, at, block_on, tenant, usd};

/// Longer than a call's lease: who died holding one has lost it by then.
const AGAIN: i64 = 61;

/// What the shopper has done.
#[derive(Clone, Debug, Default)]
pub(super) struct Diary {
    /// The payments they came back from 3-D Secure for.
    authenticated: Vec<String>,
    /// The tenders they named another card for.
    named: Vec<u16>,
    /// The tenders whose invoice they paid.
    paid: Vec<u16>,
    /// How often their bank has told of a dispute.
    disputes: usize,
}

/// They do the next thing there is to do. `false`: there is nothing, or they do not care.
pub(super) fn act(ground: &mut Ground, diary: &mut people::Diary, script: Script, order: &Order) -> bool {
    let is_early = script.is_late && order.stock == StockHold::Reserved;
    if order.is_cancelled() || is_early {
        return false;
    }
    if order.invoice.is_some() && send_back(ground, diary, script.returns, order) {
        return true;
    }
    if script.disputes && order.invoice.is_some() && dispute(ground, diary, order) {
        return true;
    }
    for tender in &order.payment.tenders {
        let done = match &tender.pending {
            Some(Pending::Action { reference, .. }) => {
                script.passes.is_some_and(|passes| authenticate(ground, diary, order, tender.number, reference, passes))
            }
            Some(Pending::Method { .. }) => script.card.is_some_and(|card| name(ground, diary, tender, card)),
            // The schedule's own time comes by the clock.
            Some(Pending::Retry { .. }) => false,
            None => order.invoice.is_some() && pay(ground, diary, tender),
        };
        if done {
            return true;
        }
    }
    false
}

/// They pass 3-D Secure, or fail. Then everybody says so at once, and more than once: the processor by a webhook that is
/// delivered twice, the storefront they come back to.
fn authenticate(
    ground: &mut Ground,
    diary: &mut people::Diary,
    order: &Order,
    tender: u16,
    payment: &str,
    passes: bool,
) -> bool {
    if diary.shopper.authenticated.iter().any(|known| known == payment) {
        return false;
    }
    diary.shopper.authenticated.push(payment.to_owned());
    if let Err(error) = ground.world.processor.authenticate(payment, passes) {
        diary.turned_away.push(format!("3-D Secure: {error}"));
        return true;
    }
    let event = format!("evt_{payment}");
    for _ in 0..2 {
        heard(ground, diary, PaymentNews { event: event.clone(), about: about(payment) });
    }
    refreshed(ground, diary, order, tender);
    true
}

fn about(payment: &str) -> About {
    About::Payment { reference: payment.to_owned(), owner: None }
}

/// Their bank takes a part of the money back; then it decides to keep it.
fn dispute(ground: &mut Ground, diary: &mut people::Diary, order: &Order) -> bool {
    let holds = ground.world.processor.holds_of(&order.id);
    let Some(payment) = holds.first().map(|hold| hold.held.reference.clone()) else { return false };
    let known = order.payment.disputes.first().map(|known| known.dispute.reference.clone());
    let reference = match (diary.shopper.disputes, known) {
        (0, _) => ground.world.processor.open_dispute(&payment, usd(1_000)),
        (1, Some(reference)) => {
            ground.world.processor.close_dispute(&reference, false);
            reference
        }
        (_, _) => return false,
    };
    diary.shopper.disputes += 1;
    let event = format!("evt_{reference}_{}", diary.shopper.disputes);
    for _ in 0..2 {
        let about = About::Dispute { reference: reference.clone(), payment: payment.clone() };
        heard(ground, diary, PaymentNews { event: event.clone(), about });
    }
    true
}

/// The processor delivers news until they are taken.
fn heard(ground: &mut Ground, diary: &mut people::Diary, news: PaymentNews) {
    if ground.is_shuffled() {
        ground.news.push(News::Payment(news));
    } else {
        hear(ground, diary, &news);
    }
}

/// The processor delivers news until they are taken.
pub(super) fn hear(ground: &mut Ground, diary: &mut people::Diary, news: &PaymentNews) {
    for _ in 0..TRIES {
        let World { orders, processor, .. } = &ground.world;
        match block_on(payments::hear(orders, processor, &tenant(), news, at(ground.clock))) {
            Ok(payments::Leased::Now(_) | payments::Leased::Before { .. }) => return,
            Ok(payments::Leased::Running | payments::Leased::Reused) | Err(_) => ground.pass(AGAIN),
        }
    }
    diary.turned_away.push(format!("news were never taken: {news:?}"));
}

/// The storefront asks how the payment stands. Nothing to ask any more is an answer, too.
fn refreshed(ground: &mut Ground, diary: &mut people::Diary, order: &Order, tender: u16) {
    let Some(store) = caller(Role::Store) else { return };
    let asked =
        payments::Asked { caller: &store, order: &order.id, tender, route: "refresh", key: "refresh", body: b"" };
    for _ in 0..TRIES {
        let World { orders, processor, .. } = &ground.world;
        match block_on(payments::refresh(orders, processor, &asked, at(ground.clock))) {
            Ok(payments::Leased::Now(_) | payments::Leased::Before { .. }) => return,
            Ok(payments::Leased::Reused) => break,
            Err(problem) if !is_passing(&problem) => return,
            Ok(payments::Leased::Running) | Err(_) => ground.pass(AGAIN),
        }
    }
    diary.turned_away.push("the storefront is never told how the payment stands".to_owned());
}

/// They name another card, once.
fn name(ground: &Ground, diary: &mut people::Diary, tender: &TenderState, card: &'static str) -> bool {
    let number = tender.number;
    if diary.shopper.named.contains(&number) {
        return false;
    }
    diary.shopper.named.push(number);
    let Ok(method) = card.to_owned().try_into() else { return false };
    let with = Tender::Card { method, customer: None, return_url: None };
    diary.tell(ground, Role::Store, |order| order.decide_method_named(number, with.clone()));
    true
}

/// They pay what was invoiced, once, and the bookkeeper says so.
fn pay(ground: &Ground, diary: &mut people::Diary, tender: &TenderState) -> bool {
    let number = tender.number;
    let is_open = tender.tender.is_invoiced() && tender.captured.minor() > tender.settled.minor();
    if !is_open || diary.shopper.paid.contains(&number) {
        return false;
    }
    diary.shopper.paid.push(number);
    diary.tell(ground, Role::Admin, |order| order.decide_invoice_paid(number, tender.captured, "BANK-1".to_owned()));
    true
}

/// They send units of the first line back, and support refunds exactly what it quoted.
fn send_back(ground: &Ground, diary: &mut people::Diary, units: u32, order: &Order) -> bool {
    if units == 0 || !order.payment.refunds.is_empty() {
        return false;
    }
    let Ok(reason) = "sent back".to_owned().try_into() else { return false };
    let lines = vec![RefundLine { line: 1, quantity: units }];
    let wish = RefundWish { lines, shipping: None, goodwill: None, overcharge: false, reason };
    match order.quote_refund(&wish) {
        Ok(quoted) => diary.tell(ground, Role::Support, |order| order.decide_refund(&wish, Some(quoted.total))),
        Err(rejection) => diary.turned_away.push(format!("no refund: {rejection}")),
    }
    true
}
