//! What a refund comes to: units of lines in the order they were shipped, shipping, goodwill, and what was overcharged.

use super::amounts::{Earned, Shares};
use super::refund::{Refund, RefundLine, RefundWish};
use super::state::Order;
use super::{Event, Rejection};
use crate::ledger::{Account, balance};
use crate::money::{Money, MoneyError};

fn invalid(pointer: impl Into<String>, rule: impl Into<String>) -> Rejection {
    Rejection::Invalid { pointer: pointer.into(), rule: rule.into() }
}

impl Order {
    /// What `wish` comes to, to the cent, and how it falls on the tenders. Moves nothing.
    ///
    /// # Errors
    /// `Invalid` with a pointer into the wish; `NotAllowed` beyond what was taken and not given back.
    pub fn quote_refund(&self, wish: &RefundWish) -> Result<Refund, Rejection> {
        let zero = Money::zero(self.placed.currency());
        let shares = Shares::of(&self.placed)?;
        let mut sum = nothing(zero);
        for (index, line) in wish.lines.iter().enumerate() {
            if wish.lines[..index].iter().any(|earlier| earlier.line == line.line) {
                return Err(invalid(format!("/lines/{index}/line"), "is named twice"));
            }
            sum = sum.plus(self.refund_of_line(&shares, line, index)?)?;
        }
        let shipping = self.amount(wish.shipping, "/shipping")?;
        let goodwill = self.amount(wish.goodwill, "/goodwill")?;
        if shipping.minor() > self.refundable_shipping(&shares)?.minor() {
            let most = self.refundable_shipping(&shares)?;
            return Err(invalid(
                "/shipping/minor",
                format!("must be at most {most}, what was charged and not refunded"),
            ));
        }
        let whole = self.placed.shipping_earned()?;
        let of_shipping = self.tax_of_shipping(shipping, whole)?;
        let overcharge = if wish.overcharge { self.overcharge()? } else { zero };
        let (tax, extra) = (sum.tax.plus(of_shipping)?, sum.extra.plus(shipping.minus(of_shipping)?)?);
        let goods = sum.goods;
        let total = goods.plus(tax)?.plus(extra)?.plus(goodwill)?.plus(overcharge)?;
        if total.minor() <= 0 {
            return Err(invalid("", "comes to nothing"));
        }
        let number = u16::try_from(self.payment.refunds.len() + 1).unwrap_or(u16::MAX);
        let (lines, reason, parts) = (wish.lines.clone(), wish.reason.clone(), self.refund_parts(total)?);
        Ok(Refund { number, lines, goods, tax, extra, shipping, goodwill, overcharge, total, parts, reason })
    }

    /// The tax in `amount` of shipping: the difference of two rounded-down running totals, so that refunds in parts come
    /// to the tax of the whole.
    fn tax_of_shipping(&self, amount: Money, whole: Earned) -> Result<Money, MoneyError> {
        let all = i128::from(whole.total()?.minor()).max(1);
        let before = self.shipping_refunded()?;
        let running = |so_far: Money| i128::from(whole.tax.minor()) * i128::from(so_far.minor()) / all;
        let tax = running(before.plus(amount)?) - running(before);
        i64::try_from(tax).map(|minor| Money::new(minor, amount.currency())).map_err(|_| MoneyError::Overflow)
    }

    fn shipping_refunded(&self) -> Result<Money, MoneyError> {
        let refunds = self.payment.refunds.iter().map(|known| known.refund.shipping);
        refunds.into_iter().try_fold(Money::zero(self.placed.currency()), Money::plus)
    }

    fn amount(&self, amount: Option<Money>, at: &str) -> Result<Money, Rejection> {
        let zero = Money::zero(self.placed.currency());
        let Some(amount) = amount else { return Ok(zero) };
        if amount.currency() != zero.currency() {
            return Err(invalid(format!("{at}/currency"), "must be the order's currency"));
        }
        if amount.minor() <= 0 {
            return Err(invalid(format!("{at}/minor"), "must be more than nothing"));
        }
        Ok(amount)
    }

    /// What was taken and is not owed.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn overcharge(&self) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.placed.currency());
        let postings = self.history().iter().flat_map(|recorded| &recorded.postings);
        let owed = balance(postings, Account::CustomerReceivable, zero)?;
        if owed.is_negative() { owed.negated() } else { Ok(zero) }
    }

    fn refund_of_line(&self, shares: &Shares, line: &RefundLine, index: usize) -> Result<Earned, Rejection> {
        let RefundLine { line: number, quantity } = *line;
        if self.placed.line(number).is_none() {
            return Err(invalid(format!("/lines/{index}/line"), "is not a line of the order"));
        }
        if quantity == 0 {
            return Err(invalid(format!("/lines/{index}/quantity"), "must be at least 1"));
        }
        let before = self.refunded_units(number);
        let shipped = self.shipped_units(number);
        let all: u32 = shipped.iter().map(|(from, to)| to - from).sum();
        if quantity > all.saturating_sub(before) {
            let left = all.saturating_sub(before);
            return Err(invalid(
                format!("/lines/{index}/quantity"),
                format!("must be at most {left}: units that were shipped and not refunded"),
            ));
        }
        let mut sum = nothing(Money::zero(self.placed.currency()));
        for (from, to) in cut(&shipped, before, quantity) {
            sum = sum.plus(shares.refundable(number, from, to)?)?;
        }
        Ok(sum)
    }

    /// Units of a line as they left, first to last: ranges that only ever grow at the end.
    fn shipped_units(&self, line: u16) -> Vec<(u32, u32)> {
        let dispatched = self.history().iter().filter_map(|recorded| {
            let Event::Dispatched { fulfillment, .. } = &recorded.event else { return None };
            self.fulfillment(*fulfillment)
        });
        let lines = dispatched.flat_map(|part| part.lines.iter().filter(move |own| own.line == line));
        lines.map(|own| (own.first_unit, own.first_unit + own.shipping())).collect()
    }

    fn refunded_units(&self, line: u16) -> u32 {
        let refunds = self.payment.refunds.iter().flat_map(|known| &known.refund.lines);
        refunds.filter(|refunded| refunded.line == line).map(|refunded| refunded.quantity).sum()
    }

    /// What was charged for shipping with the units that left, less what was refunded of it.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    fn refundable_shipping(&self, shares: &Shares) -> Result<Money, MoneyError> {
        let mut charged = Money::zero(self.placed.currency());
        for line in &self.placed.lines {
            for (from, to) in self.shipped_units(line.number) {
                let all = shares.earned(line.number, from, to)?.total()?;
                charged = charged.plus(all)?.minus(shares.refundable(line.number, from, to)?.total()?)?;
            }
        }
        charged.minus(self.shipping_refunded()?)
    }
}

/// The ranges of `quantity` units after the first `skip` of `ranges`.
fn cut(ranges: &[(u32, u32)], skip: u32, quantity: u32) -> Vec<(u32, u32)> {
    let (mut skip, mut left, mut cut) = (skip, quantity, Vec::new());
    for (from, to) in ranges {
        let skipped = skip.min(to - from);
        skip -= skipped;
        let taken = left.min(to - from - skipped);
        left -= taken;
        if taken > 0 {
            cut.push((from + skipped, from + skipped + taken));
        }
    }
    cut
}

fn nothing(zero: Money) -> Earned {
    Earned { goods: zero, tax: zero, extra: zero }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn units_are_taken_in_the_order_they_left() {
        let shipped = [(0, 3), (5, 7)];
        assert_eq!(cut(&shipped, 0, 2), [(0, 2)]);
        assert_eq!(cut(&shipped, 2, 2), [(2, 3), (5, 6)]);
        assert_eq!(cut(&shipped, 4, 1), [(6, 7)]);
        assert!(cut(&shipped, 5, 0).is_empty());
    }
}
