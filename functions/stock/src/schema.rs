//! Bodies, each with the question it is.

use crate::lines::{AdjustmentLine, AnnouncementLine, CountedLine, ReceiptLine, TransferLine};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;
use waybill_domain::id::{DocumentId, SiteId};
use waybill_domain::stock::filing::{Action, Ask, Line};
use waybill_domain::text::Text;

fn lines<L: Clone + Into<Line>>(lines: &[L]) -> Vec<Line> {
    lines.iter().cloned().map(Into::into).collect()
}

/// Units came in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptBody {
    /// Where.
    #[schema(value_type = String)]
    site: SiteId,
    /// The announcement or transfer they were announced by; what exceeds it comes in unannounced.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    announcement: Option<DocumentId>,
    /// The delivery's number; at most 64 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    reference: Option<Text<64>>,
    /// Which units.
    lines: Vec<ReceiptLine>,
}

impl ReceiptBody {
    /// As a question.
    pub fn ask(&self) -> Ask {
        let Self { site, announcement, reference, lines: units } = self.clone();
        Ask::Receive { site, announcement, reference, lines: lines(&units) }
    }
}

/// Units will come in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnouncementBody {
    /// Where.
    #[schema(value_type = String)]
    site: SiteId,
    /// On which day.
    #[schema(value_type = String, format = Date)]
    due: Date,
    /// The supplier's number; at most 64 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    reference: Option<Text<64>>,
    /// Which units.
    lines: Vec<AnnouncementLine>,
}

impl AnnouncementBody {
    /// As a question.
    pub fn ask(&self) -> Ask {
        let Self { site, due, reference, lines: units } = self.clone();
        Ask::Announce { site, due, reference, lines: lines(&units) }
    }
}

/// What has not come in never will.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalBody {
    /// Why; at most 300 characters.
    #[schema(value_type = String)]
    pub note: Text<300>,
}

/// Units leave for another site.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    /// From where.
    #[schema(value_type = String)]
    from: SiteId,
    /// To where.
    #[schema(value_type = String)]
    to: SiteId,
    /// On which day they come in.
    #[schema(value_type = String, format = Date)]
    due: Date,
    /// The merchant's number; at most 64 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    reference: Option<Text<64>>,
    /// Which units.
    lines: Vec<TransferLine>,
}

impl TransferBody {
    /// As a question.
    pub fn ask(&self) -> Ask {
        let Self { from, to, due, reference, lines: units } = self.clone();
        Ask::Transfer { from, to, due, reference, lines: lines(&units) }
    }
}

/// Staff put right what is there.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockAdjustmentBody {
    /// Where.
    #[schema(value_type = String)]
    site: SiteId,
    /// What is done with the units.
    #[serde(default)]
    #[schema(value_type = Option<AdjustmentAction>)]
    action: Action,
    /// Why, in words; at most 300 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Option<Text<300>>,
    /// Which units.
    lines: Vec<AdjustmentLine>,
}

/// What is done with units; `adjust` if absent.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "documentation only")]
pub enum AdjustmentAction {
    /// There are more, or fewer, than the counters say.
    Adjust,
    /// They are there and must not be promised.
    Withhold,
    /// They were held back and may be promised after all.
    Restore,
    /// They were held back and are gone.
    WriteOff,
}

impl StockAdjustmentBody {
    /// As a question.
    pub fn ask(&self) -> Ask {
        let Self { site, action, note, lines: units } = self.clone();
        Ask::Adjust { site, action, note, lines: lines(&units) }
    }
}

/// What was counted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountBody {
    /// Where.
    #[schema(value_type = String)]
    site: SiteId,
    /// What is held back and was not found is proposed to be written off.
    #[serde(default)]
    write_off_held: bool,
    /// What was found.
    lines: Vec<CountedLine>,
}

impl CountBody {
    /// As a question.
    pub fn ask(&self) -> Ask {
        let Self { site, write_off_held, lines: units } = self.clone();
        Ask::Count { site, write_off_held, lines: lines(&units) }
    }
}

/// What becomes of a count that disagrees.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountDecisionBody {
    /// `approve`: what the count proposes happens. `reject`: nothing does.
    pub decision: CountDecision,
    /// Why; at most 300 characters.
    #[schema(value_type = String)]
    pub note: Text<300>,
}

/// The end of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountDecision {
    /// What it proposes happens.
    Approve,
    /// It was wrong.
    Reject,
}

/// How many are there.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnHandBody {
    /// Units physically there, 0 to 4,294,967,295.
    pub on_hand: u32,
}
