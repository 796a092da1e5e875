//! Which cents belong to which units: the shares of every shipment add up to the order's total exactly.

use super::fulfillment::{Fulfillment, FulfillmentLine};
use super::placed::{Line, Placed};
use super::state::Order;
use crate::ledger::{Account, Posting, transfer};
use crate::money::{Money, MoneyError};

#[cfg(test)]
mod tests;

/// What some units earn, by the account it is recognized in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Earned {
    /// Goods, without tax.
    pub(super) goods: Money,
    /// Taxes.
    pub(super) tax: Money,
    /// Shipping, and what the whole order adds or takes off.
    pub(super) extra: Money,
}

impl Earned {
    fn nothing(zero: Money) -> Self {
        Self { goods: zero, tax: zero, extra: zero }
    }

    /// The sum.
    pub(super) fn total(self) -> Result<Money, MoneyError> {
        self.goods.plus(self.tax)?.plus(self.extra)
    }

    /// The postings that recognize it.
    pub(super) fn recognized(self) -> Result<Vec<Posting>, MoneyError> {
        let mut postings = transfer(Account::UnearnedRevenue, Account::Sales, self.goods)?;
        postings.extend(transfer(Account::UnearnedRevenue, Account::TaxPayable, self.tax)?);
        postings.extend(transfer(Account::UnearnedRevenue, Account::ShippingIncome, self.extra)?);
        Ok(postings)
    }

    /// Both.
    pub(super) fn plus(self, other: Self) -> Result<Self, MoneyError> {
        let (goods, tax) = (self.goods.plus(other.goods)?, self.tax.plus(other.tax)?);
        Ok(Self { goods, tax, extra: self.extra.plus(other.extra)? })
    }
}

/// What is paid for something, and what of it is goods and tax.
#[derive(Clone, Copy, Debug)]
struct Charge {
    whole: Money,
    goods: Money,
    tax: Money,
}

impl Charge {
    /// What units `from..to` of `of` bear of it. The whole is shared out first and what is neither goods nor tax is the
    /// rest of it: rounded one by one, the three could come to less than nothing.
    fn of_units(self, from: u32, to: u32, of: u32) -> Result<Earned, MoneyError> {
        let part = |amount: Money| amount.share(from, to, of);
        let (goods, tax) = (part(self.goods), part(self.tax));
        Ok(Earned { goods, tax, extra: part(self.whole).minus(goods)?.minus(tax)? })
    }
}

/// What a line bears: its own price, and its part of what is charged for the order as a whole.
#[derive(Clone, Copy, Debug)]
struct Share {
    number: u16,
    quantity: u32,
    line: Charge,
    shipping: Charge,
}

/// What every line of an order bears, computed once for all of them.
///
/// Order-level amounts fall on the lines by their worth, tax included: a discount of the whole order never makes a line
/// cost less than nothing. Shipping is shared out apart from the rest, so that units can be given back without it.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    zero: Money,
    lines: Vec<Share>,
}

impl Shares {
    /// Of this order.
    pub(super) fn of(placed: &Placed) -> Result<Self, MoneyError> {
        let zero = Money::zero(placed.currency());
        let charged = placed.lines.iter().map(Line::charged).collect::<Result<Vec<_>, _>>()?;
        let (on_lines, shipping) = placed.order_level(&charged)?;
        let worth: Vec<u64> = charged.iter().map(|amount| u64::try_from(amount.minor()).unwrap_or(0)).collect();
        let level = on_lines.allocate(&worth).into_iter();
        let shipping = shipping.whole.allocate(&worth).into_iter().zip(shipping.tax.allocate(&worth));
        let lines = placed.lines.iter().zip(charged).zip(level.zip(shipping));
        let lines = lines.map(|((line, charged), (level, (shipping, shipping_tax)))| {
            let (whole, tax) = (charged.plus(level)?, line.tax);
            Ok(Share {
                number: line.number,
                quantity: line.quantity,
                line: Charge { whole, goods: charged.minus(tax)?, tax },
                shipping: Charge { whole: shipping, goods: zero, tax: shipping_tax },
            })
        });
        Ok(Self { zero, lines: lines.collect::<Result<_, MoneyError>>()? })
    }

    /// What units `from..to` of a line earn: no less than what is refundable of them.
    pub(super) fn earned(&self, number: u16, from: u32, to: u32) -> Result<Earned, MoneyError> {
        let Some(share) = self.share(number).filter(|_| from < to) else { return Ok(Earned::nothing(self.zero)) };
        let of = |charge: Charge| charge.of_units(from, to, share.quantity);
        of(share.line)?.plus(of(share.shipping)?)
    }

    /// What was paid for units `from..to` of a line, without any shipping.
    pub(super) fn refundable(&self, number: u16, from: u32, to: u32) -> Result<Earned, MoneyError> {
        let Some(share) = self.share(number).filter(|_| from < to) else { return Ok(Earned::nothing(self.zero)) };
        share.line.of_units(from, to, share.quantity)
    }

    /// What the units of a fulfillment order earn, of each line those that `units` says.
    fn sum(&self, part: &Fulfillment, units: fn(&FulfillmentLine) -> (u32, u32)) -> Result<Earned, MoneyError> {
        part.lines.iter().try_fold(Earned::nothing(self.zero), |sum, line| {
            let (from, to) = units(line);
            sum.plus(self.earned(line.line, from, to)?)
        })
    }

    /// What the units of a fulfillment order that were not found would have earned.
    fn lost_by(&self, part: &Fulfillment) -> Result<Earned, MoneyError> {
        self.sum(part, |line| (line.first_unit + line.shipping(), line.first_unit + line.quantity))
    }

    // Lines are numbered in their order.
    fn share(&self, number: u16) -> Option<&Share> {
        let at = self.lines.binary_search_by_key(&number, |share| share.number).ok()?;
        self.lines.get(at)
    }
}

impl Placed {
    /// What the whole order adds to (or takes off) the lines, and what is charged for the shipping. A reduction falls
    /// on the lines as far as they cost something, and what is left of it on the shipping.
    fn order_level(&self, charged: &[Money]) -> Result<(Money, Charge), MoneyError> {
        let zero = Money::zero(self.currency());
        let charged = charged.iter().try_fold(zero, |sum, line| sum.plus(*line))?;
        let (level, most) = (self.adjustment.minus(self.discount)?, charged.negated()?);
        let on_lines = if level.minor() < most.minor() { most } else { level };
        let whole = self.shipping.charged()?.plus(level.minus(on_lines)?)?;
        Ok((on_lines, Charge { whole, goods: zero, tax: self.shipping.tax }))
    }

    /// What was paid for the shipping: with all that is refundable of the lines, the total.
    pub(super) fn shipping_earned(&self) -> Result<Earned, MoneyError> {
        let charged = self.lines.iter().map(Line::charged).collect::<Result<Vec<_>, _>>()?;
        let (_, shipping) = self.order_level(&charged)?;
        shipping.of_units(0, 1, 1)
    }
}

impl Order {
    /// What a fulfillment order earns with the units it ships.
    pub(super) fn earned_by(&self, part: &Fulfillment) -> Result<Earned, MoneyError> {
        Shares::of(&self.placed)?.sum(part, |line| (line.first_unit, line.first_unit + line.shipping()))
    }

    /// What the units of a fulfillment order that were not found would have earned.
    pub(super) fn lost_by(&self, part: &Fulfillment) -> Result<Earned, MoneyError> {
        Shares::of(&self.placed)?.lost_by(part)
    }

    /// What a fulfillment order earns.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn due(&self, part: &Fulfillment) -> Result<Money, MoneyError> {
        self.earned_by(part)?.total()
    }

    /// What the customer owes: the total, less what was not found or was called off.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn owed(&self) -> Result<Money, MoneyError> {
        if self.is_cancelled() {
            return Ok(Money::zero(self.placed.currency()));
        }
        let shares = Shares::of(&self.placed)?;
        self.fulfillments.iter().try_fold(self.placed.total, |owed, part| owed.minus(shares.lost_by(part)?.total()?))
    }

    /// The postings that take back what is still owed and not shipped, for an order that ends.
    pub(super) fn called_off(&self) -> Result<Vec<Posting>, MoneyError> {
        transfer(Account::UnearnedRevenue, Account::CustomerReceivable, self.owed()?)
    }
}
