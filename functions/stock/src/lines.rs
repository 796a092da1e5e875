//! Lines of bodies, in the domain's terms.

use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;
use waybill_domain::id::{BinId, LotId, Sku};
use waybill_domain::stock::filing::Line;
use waybill_domain::stock::{Reason, Stow};

/// Declares a line: its own fields, and those that tell units apart where the item is kept by them.
macro_rules! line {
    ($(#[$doc:meta])* $name:ident { $($fields:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// An item of the catalog that is no bundle.
            #[schema(value_type = String)]
            sku: Sku,
            $($fields)*
            /// Where the units lie; for an item kept by bin.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            bin: Option<BinId>,
            /// The maker's lot; for an item kept by lot.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            lot: Option<LotId>,
            /// One unit's serial number; for an item kept by it.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            serial: Option<LotId>,
            /// The day from which the units are not sold any more; for an item kept by expiry.
            #[serde(default)]
            #[schema(value_type = Option<String>, format = Date)]
            expires: Option<Date>,
        }

        impl $name {
            fn of(self, quantity: i64) -> Line {
                let Self { sku, bin, lot, serial, expires, .. } = self;
                Line { stow: Stow { expires, lot, serial, bin }, ..Line::new(sku, quantity) }
            }
        }
    };
}

line!(
    /// Units that came in.
    ReceiptLine {
        /// Units.
        #[schema(minimum = 1, maximum = 1_000_000)]
        quantity: i64,
        /// `damaged` units are on hand and promised to nobody.
        #[serde(default)]
        condition: Condition,
    }
);

line!(
    /// Units that leave for another site.
    TransferLine {
        /// Units.
        #[schema(minimum = 1, maximum = 1_000_000)]
        quantity: i64,
    }
);

line!(
    /// Units that staff put right.
    AdjustmentLine {
        /// Units: of `adjust` how many more or fewer, of the other actions how many.
        #[schema(minimum = -1_000_000, maximum = 1_000_000)]
        quantity: i64,
        /// Why; `restore` needs none.
        #[serde(default)]
        #[schema(value_type = Option<AdjustmentReason>)]
        reason: Option<Reason>,
    }
);

line!(
    /// Units that were counted.
    CountedLine {
        /// Units found; 0 for none.
        #[schema(minimum = 0, maximum = 1_000_000)]
        counted: i64,
    }
);

/// In which condition units came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// As new.
    #[default]
    Sellable,
    /// Not to be sold.
    Damaged,
}

/// Why units were adjusted.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "documentation only")]
pub enum AdjustmentReason {
    /// Set up, or brought over from another system.
    Opening,
    /// A count found more or fewer.
    Count,
    /// Broken.
    Damage,
    /// Not there any more.
    Loss,
    /// Stolen.
    Theft,
    /// Past its date.
    Expiry,
    /// There after all.
    Found,
    /// Used within the house, or given away.
    Use,
    /// An earlier record was wrong.
    Correction,
}

/// Units that will come in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnouncementLine {
    /// An item of the catalog that is no bundle.
    #[schema(value_type = String)]
    sku: Sku,
    /// Units.
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: i64,
}

impl From<AnnouncementLine> for Line {
    fn from(line: AnnouncementLine) -> Self {
        Self::new(line.sku, line.quantity)
    }
}

impl From<ReceiptLine> for Line {
    fn from(line: ReceiptLine) -> Self {
        let (quantity, is_damaged) = (line.quantity, line.condition == Condition::Damaged);
        Self { is_damaged, ..line.of(quantity) }
    }
}

impl From<TransferLine> for Line {
    fn from(line: TransferLine) -> Self {
        let quantity = line.quantity;
        line.of(quantity)
    }
}

impl From<AdjustmentLine> for Line {
    fn from(line: AdjustmentLine) -> Self {
        let (quantity, reason) = (line.quantity, line.reason);
        Self { reason, ..line.of(quantity) }
    }
}

impl From<CountedLine> for Line {
    fn from(line: CountedLine) -> Self {
        let counted = line.counted;
        line.of(counted)
    }
}
