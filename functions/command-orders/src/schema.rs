//! Bodies of the commands.

use serde::Deserialize;
use std::num::NonZeroU32;
use utoipa::ToSchema;
use waybill_domain::id::CartonId;
use waybill_domain::text::Text;

/// Calls the order off.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBody {
    /// Why, in words for the timeline; at most 200 characters.
    #[schema(value_type = String)]
    pub reason: Text<200>,
}

/// Approves or rejects.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewBody {
    /// `approve` or `reject`.
    pub decision: Decision,
    /// Why; at most 200 characters.
    #[schema(value_type = String)]
    pub note: Text<200>,
}

/// A review's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Goes on.
    Approve,
    /// Ends here.
    Reject,
}

/// What was found on the shelves.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PickBody {
    /// Every line of the fulfillment order.
    #[schema(value_type = Vec<PickLine>)]
    pub lines: Vec<PickedBySku>,
}

/// A line as the station scans it: by SKU, or by line number where a SKU stands on several lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickedBySku {
    /// The order line.
    #[serde(default)]
    pub line: Option<u16>,
    /// The item.
    #[serde(default)]
    pub sku: Option<waybill_domain::id::Sku>,
    /// Units found; 0 for none.
    pub picked: u32,
}

/// A line as the station scans it: name it by `sku`, or by `line` where a SKU stands on several lines.
#[derive(Debug, ToSchema)]
pub struct PickLine {
    /// The order line.
    #[expect(dead_code, reason = "documentation only")]
    line: Option<u16>,
    /// The item.
    #[expect(dead_code, reason = "documentation only")]
    sku: Option<String>,
    /// Units found; 0 for none.
    #[expect(dead_code, reason = "documentation only")]
    picked: u32,
}

/// The parcel.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackBody {
    /// A carton of the catalog.
    #[schema(value_type = String)]
    pub carton: CartonId,
    /// Grams on the scale, carton included.
    #[schema(value_type = u32, minimum = 1)]
    pub weight_grams: NonZeroU32,
}

/// The manifest.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverBody {
    /// The manifest the driver signed; at most 64 characters.
    #[schema(value_type = String)]
    pub manifest: Text<64>,
}

/// Settles an exception.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// What was found or done; at most 200 characters.
    #[schema(value_type = String)]
    pub note: Text<200>,
}
