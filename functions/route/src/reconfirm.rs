//! A reservation that lapsed is made again, or the order ends.

use crate::Desk;
use std::collections::BTreeSet;
use waybill_domain::catalog::Item;
use waybill_domain::id::Sku;
use waybill_domain::order::{CancelReason, Fill, MAX_ITEMS, Order, StockHold};
use waybill_domain::ports::{Catalog, Orders, Stock};
use waybill_lambda::backorders::{ATTEMPTS, available};
use waybill_lambda::{Advanced, Fault, Halt, advance, try_advance};

impl<O: Orders, S: Stock, C: Catalog> Desk<'_, O, S, C> {
    /// Reserves what had lapsed, out of what is here and, as far as the order and its items allow, of what is expected.
    pub(crate) async fn reconfirm(&self, mut order: Order) -> Result<Order, Halt> {
        let mut placed = order.placed.clone();
        placed.lines.iter_mut().for_each(|line| line.backordered = 0);
        let mut short: BTreeSet<Sku> = BTreeSet::new();
        for _ in 0..ATTEMPTS {
            if order.stock != StockHold::Lapsed || order.is_cancelled() {
                return Ok(order);
            }
            let backordered = placed.backordered();
            let decide = |order: &Order| order.decide_reconfirmed(&backordered);
            match try_advance(self.orders, order, &self.actor, self.now, decide).await? {
                Advanced::Order(after) => return Ok(after),
                Advanced::Short(after, skus) => {
                    order = after;
                    short.extend(skus);
                }
                Advanced::Overdrawn(_) | Advanced::Taken(_) => {
                    return Err(Fault::defect("a reservation that moves money").into());
                }
            }
            if !self.may_wait(&order, &short).await? {
                break;
            }
            placed.backorder(&available(self.stock, &order.tenant, &short).await?);
            if placed.touches() > MAX_ITEMS {
                break;
            }
        }
        let skus = short.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let note = format!("not paid before its reservation ended, and not enough is left of {skus}");
        let decide = |order: &Order| match order.stock {
            StockHold::Lapsed => order.decide_cancelled(CancelReason::OutOfStock, note.clone()),
            StockHold::Reserved | StockHold::Allocated | StockHold::Released => Ok(None),
        };
        advance(self.orders, order, &self.actor, self.now, decide).await
    }

    /// May the order wait for all of these?
    async fn may_wait(&self, order: &Order, short: &BTreeSet<Sku>) -> Result<bool, Halt> {
        if order.placed.fill == Fill::FillOrKill {
            return Ok(false);
        }
        for sku in short {
            let item = self.catalog.find::<Item>(&order.tenant, sku.as_str()).await?;
            if item.is_none_or(|item| item.backorder.is_none()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
