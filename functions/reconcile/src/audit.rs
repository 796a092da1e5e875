//! Looking at every order and every payment, and again where they differ.

use crate::report::{Difference, Report};
use crate::stock::StockAudit;
use crate::window::Window;
use jiff::Timestamp;
use std::collections::BTreeMap;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{Event, Order, PaymentEvent};
use waybill_domain::ports::{Audit, Authorized, Held, Orders, Owner, PartnerError, PaymentProcessor};
use waybill_lambda::{Halt, advance, load};
use waybill_payments::{Desk, differences};

/// Who opens the exceptions.
const ACTOR: &str = "reconcile";

pub(crate) struct Auditor<'a, O, P> {
    orders: &'a O,
    processor: &'a P,
    window: Window,
    now: Timestamp,
    /// The processor's list, less what an order's entries tell of.
    list: BTreeMap<String, Held>,
    pub report: Report,
    /// What the orders have moved, as far as they have been read.
    pub stock: StockAudit,
}

impl<'a, O: Orders + Audit, P: PaymentProcessor> Auditor<'a, O, P> {
    pub fn new(orders: &'a O, processor: &'a P, window: Window, now: Timestamp) -> Self {
        Self {
            orders,
            processor,
            window,
            now,
            list: BTreeMap::new(),
            report: Report::default(),
            stock: StockAudit::default(),
        }
    }

    /// Reads the processor's own list. `false`: time was over first.
    pub async fn read_the_list(&mut self, is_over: impl Fn() -> bool) -> Result<bool, Halt> {
        let mut after = None;
        loop {
            if is_over() {
                return Ok(false);
            }
            let page = self.processor.booked(self.window.from, self.window.to, after.as_deref()).await?;
            self.report.payments += page.rows.len() as u64;
            self.list.extend(page.rows.into_iter().map(|held| (held.reference.clone(), held)));
            after = page.next;
            if after.is_none() {
                return Ok(true);
            }
        }
    }

    /// Looks at every order. `false`: time was over first.
    pub async fn read_the_orders(&mut self, is_over: impl Fn() -> bool) -> Result<bool, Halt> {
        let mut after: Option<String> = None;
        loop {
            if is_over() {
                self.report.next = after;
                return Ok(false);
            }
            let page = self.orders.scan(after.as_deref()).await?;
            self.report.half_units += page.half_units;
            for (tenant, id, order) in page.orders {
                self.report.orders += 1;
                match order {
                    Ok(order) => self.look(order).await,
                    Err(corrupt) => self.differs(&tenant, &id, format!("its entries make no order: {corrupt}")),
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(true);
            }
        }
    }

    /// Payments noted as made for an order whose entries do not tell of them.
    pub async fn look_for_strangers(&mut self) {
        for held in std::mem::take(&mut self.list).into_values() {
            // A storefront's, which became no order; or nothing was taken and nothing is held.
            let is_nothing = held.voided && held.captured.is_zero();
            if let Some(owner) = held.owner.clone().filter(|_| !is_nothing)
                && let Err(halt) = self.stranger(&owner, &held).await
            {
                self.failed(&owner.tenant, &owner.order, &halt);
            }
        }
    }

    async fn stranger(&mut self, owner: &Owner, held: &Held) -> Result<(), Halt> {
        let Owner { tenant, order: id, .. } = owner;
        let Some(order) = self.orders.load(tenant, id).await? else {
            let what = format!("payment {} of {} is for an order that does not exist", held.reference, held.amount);
            self.differs(tenant, id, what);
            return Ok(());
        };
        if order.payment.tender_of(&held.reference).is_none() {
            let found = differences(&order, held);
            self.tell(order, found).await?;
        }
        Ok(())
    }

    async fn look(&mut self, order: Order) {
        self.stock.moved_by(&order);
        self.report.entries += order.history().len() as u64;
        let (tenant, id) = (order.tenant.clone(), order.id.clone());
        if let Err(halt) = self.compare(order).await {
            self.failed(&tenant, &id, &halt);
        }
    }

    /// What the table's pages say of an order; where something differs it is looked at again, consistently, and told if
    /// it persists.
    async fn compare(&mut self, order: Order) -> Result<(), Halt> {
        let mut suspects = Vec::new();
        for reference in payments(&order) {
            match self.list.remove(&reference) {
                Some(held) if differences(&order, &held).is_empty() => {}
                None if !self.was_held_within(&order, &reference) => {}
                Some(_) | None => suspects.push(reference),
            }
        }
        if suspects.is_empty() && own_differences(&order).is_empty() {
            return Ok(());
        }
        let mut order = load(self.orders, &order.tenant, &order.id).await?;
        let mut found = own_differences(&order);
        let mut unsettled = false;
        for reference in suspects {
            let (then, more) = self.truth(order, &reference).await?;
            // A call may be under way, its outcome not recorded yet.
            unsettled |= !more.is_empty() && then.changed_at >= self.window.to;
            if then.changed_at < self.window.to {
                found.extend(more);
            }
            order = then;
        }
        self.report.unsettled += u64::from(unsettled);
        self.tell(order, found).await
    }

    fn was_held_within(&self, order: &Order, payment: &str) -> bool {
        let mut entries = order.history().iter().filter(|entry| self.window.has(entry.at));
        entries.any(|entry| {
            matches!(&entry.event, Event::Payment(PaymentEvent::Authorized { reference, .. }) if reference == payment)
        })
    }

    /// How a payment differs from the processor's word on it, asked for now. A hold that lapsed as foreseen is no
    /// difference: it is recorded.
    async fn truth(&self, order: Order, payment: &str) -> Result<(Order, Vec<String>), Halt> {
        let held = match self.processor.look_up(payment).await {
            Ok(Authorized::Held(held)) => held,
            Ok(Authorized::Declined { .. } | Authorized::ActionRequired { .. }) => {
                return Ok((order, vec![format!("payment {payment}: held here, and not at the processor")]));
            }
            Err(PartnerError::Refused { code, .. }) => {
                return Ok((order, vec![format!("payment {payment}: held here, and at the processor {code}")]));
            }
            Err(error @ (PartnerError::Unavailable(_) | PartnerError::Spent(_) | PartnerError::Broken(_))) => {
                return Err(error.into());
            }
        };
        let has_lapsed = held.voided && order.lapsed_holds(self.now).any(|hold| hold.reference == payment);
        let order = if has_lapsed {
            let desk = Desk { orders: self.orders, processor: self.processor, actor: ACTOR.to_owned(), now: self.now };
            desk.hear_payment(order, payment).await?
        } else {
            order
        };
        let found = differences(&order, &held);
        Ok((order, found))
    }

    /// Each difference is in the report, and an exception of the order.
    async fn tell(&mut self, order: Order, found: Vec<String>) -> Result<(), Halt> {
        let mut order = order;
        for what in found {
            self.differs(&order.tenant, &order.id, what.clone());
            let exception = |order: &Order| order.decide_exception(ACTOR, None, &what, false);
            order = advance(self.orders, order, ACTOR, self.now, exception).await?;
        }
        Ok(())
    }

    fn differs(&mut self, tenant: &TenantId, order: &OrderId, what: String) {
        tracing::error!(tenant = tenant.as_str(), order.id = order.as_str(), "the books differ: {what}");
        self.report.differences.push(Difference { tenant: tenant.to_string(), order: order.to_string(), what });
    }

    /// An order that could not be looked at is no proof of anything.
    fn failed(&mut self, tenant: &TenantId, order: &OrderId, halt: &Halt) {
        self.differs(tenant, order, format!("it could not be proven: {}", halt.chain()));
    }
}

/// The order's payments at the processor.
fn payments(order: &Order) -> Vec<String> {
    let processed = order.payment.tenders.iter().filter(|tender| tender.tender.is_processed());
    let holds = processed.flat_map(|tender| &tender.holds).filter(|hold| !hold.amount.is_zero());
    holds.map(|hold| hold.reference.clone()).collect()
}

/// What of an order's entries does not add up by itself.
fn own_differences(order: &Order) -> Vec<String> {
    let mut found = match order.proof() {
        Ok(proof) => proof.differences(),
        Err(error) => vec![format!("its entries do not add up: {error}")],
    };
    found.extend(order.broken_bounds());
    found
}
