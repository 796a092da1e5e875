//! Which cents belong to which units: the shares of every shipment add up to the order's total exactly.

use super::fulfillment::Fulfillment;
use super::placed::{Line, Placed};
use super::state::Order;
use crate::ledger::{Account, Posting, transfer};
use crate::money::{Money, MoneyError};

/// What some units earn, by the account it is recognized in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Earned {
    goods: Money,
    tax: Money,
    extra: Money,
}

impl Earned {
    /// The sum.
    pub(super) fn total(self) -> Result<Money, MoneyError> {
        self.goods.plus(self.tax)?.plus(self.extra)
    }

    fn plus(self, other: Self) -> Result<Self, MoneyError> {
        let (goods, tax) = (self.goods.plus(other.goods)?, self.tax.plus(other.tax)?);
        Ok(Self { goods, tax, extra: self.extra.plus(other.extra)? })
    }
}

impl Placed {
    /// Order-level amounts (shipping and its tax, adjustment, order discount) fall on the lines by their worth, tax
    /// included: a discount of the whole order never makes a line cost less than nothing.
    fn shared_out(&self, amount: Money) -> Result<Vec<Money>, MoneyError> {
        let worth = |line: &Line| {
            let worth = goods_of(line)?.plus(line.tax)?;
            Ok(u64::try_from(worth.minor()).unwrap_or(0))
        };
        let weights = self.lines.iter().map(worth).collect::<Result<Vec<_>, MoneyError>>()?;
        Ok(amount.allocate(&weights))
    }

    /// What units `from..to` of a line earn. The whole is shared out first and what is neither goods nor tax is the
    /// rest of it: rounded one by one, the three could come to less than nothing.
    pub(super) fn earned(&self, number: u16, from: u32, to: u32) -> Result<Earned, MoneyError> {
        let zero = Money::zero(self.currency());
        let nothing = Earned { goods: zero, tax: zero, extra: zero };
        let Some(index) = self.lines.iter().position(|line| line.number == number) else { return Ok(nothing) };
        let line = &self.lines[index];
        let order_level = self.shipping.price.plus(self.shipping.tax)?.plus(self.adjustment)?.minus(self.discount)?;
        let goods = goods_of(line)?;
        let whole = goods.plus(line.tax)?.plus(self.shared_out(order_level)?[index])?;
        let tax = line.tax.plus(self.shared_out(self.shipping.tax)?[index])?;
        let part = |amount: Money| amount.share(from, to, line.quantity);
        let (goods, tax) = (part(goods), part(tax));
        Ok(Earned { goods, tax, extra: part(whole).minus(goods)?.minus(tax)? })
    }
}

fn goods_of(line: &Line) -> Result<Money, MoneyError> {
    line.unit_price.times(line.quantity)?.minus(line.discount)
}

impl Order {
    /// What a fulfillment order earns with the units it ships.
    pub(super) fn earned_by(&self, part: &Fulfillment) -> Result<Earned, MoneyError> {
        self.sum(part, |line| (line.first_unit, line.first_unit + line.shipping()))
    }

    /// What the units of a fulfillment order that were not found would have earned.
    pub(super) fn lost_by(&self, part: &Fulfillment) -> Result<Earned, MoneyError> {
        self.sum(part, |line| (line.first_unit + line.shipping(), line.first_unit + line.quantity))
    }

    fn sum(
        &self,
        part: &Fulfillment,
        units: impl Fn(&super::fulfillment::FulfillmentLine) -> (u32, u32),
    ) -> Result<Earned, MoneyError> {
        let zero = Money::zero(self.placed.currency());
        let nothing = Earned { goods: zero, tax: zero, extra: zero };
        part.lines.iter().try_fold(nothing, |sum, line| {
            let (from, to) = units(line);
            sum.plus(self.placed.earned(line.line, from, to)?)
        })
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
        self.fulfillments.iter().try_fold(self.placed.total, |owed, part| owed.minus(self.lost_by(part)?.total()?))
    }

    /// The postings that take back what is still owed and not shipped, for an order that ends.
    pub(super) fn called_off(&self) -> Result<Vec<Posting>, MoneyError> {
        transfer(Account::UnearnedRevenue, Account::CustomerReceivable, self.owed()?)
    }

    /// The postings that recognize what a shipment earns.
    pub(super) fn recognized(&self, part: &Fulfillment) -> Result<Vec<Posting>, MoneyError> {
        let Earned { goods, tax, extra } = self.earned_by(part)?;
        let mut postings = transfer(Account::UnearnedRevenue, Account::Sales, goods)?;
        postings.extend(transfer(Account::UnearnedRevenue, Account::TaxPayable, tax)?);
        postings.extend(transfer(Account::UnearnedRevenue, Account::ShippingIncome, extra)?);
        Ok(postings)
    }
}
