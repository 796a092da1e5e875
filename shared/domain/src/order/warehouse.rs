//! Pick, pack, label, hand over, dispatch.

use super::event::{Draft, Event};
use super::fulfillment::{Fulfillment, FulfillmentStatus, Label, Packing};
use super::state::Order;
use super::{Decided, Rejection};
use crate::ledger::{Account, transfer};
use crate::stock::Kind;
use serde::{Deserialize, Serialize};

/// What was found of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickedLine {
    /// The order line.
    pub line: u16,
    /// Units found; fewer than wanted is a short pick.
    pub picked: u32,
}

impl Order {
    fn part(&self, number: u16) -> Result<&Fulfillment, Rejection> {
        self.fulfillment(number).ok_or(Rejection::Unknown("such fulfillment order"))
    }

    /// The fulfillment order, if it is at `from`; `None` if it is past it.
    fn at(
        &self,
        number: u16,
        command: &'static str,
        from: FulfillmentStatus,
    ) -> Result<Option<&Fulfillment>, Rejection> {
        use FulfillmentStatus::{Cancelled, HandedOver, Labeled, Open, Packed, Picked, Short};
        let part = self.part(number)?;
        let is_past = match (from, part.status) {
            (_, Cancelled) => return Err(Rejection::Cancelled),
            (_, now) if now == from => return Ok(Some(part)),
            (Open, Picked | Packed | Labeled | HandedOver | Short)
            | (Picked, Packed | Labeled | HandedOver)
            | (Packed, Labeled | HandedOver)
            | (Labeled, HandedOver) => true,
            (Open | Picked | Packed | Labeled | HandedOver | Short | Cancelled, _) => false,
        };
        if is_past {
            return Ok(None);
        }
        let because = format!("fulfillment order {number} is {}", part.status.name());
        Err(Rejection::NotAllowed { command, because })
    }

    /// Units were taken from the shelves, every line accounted for. What was not found is written off and its
    /// stock held back until it is counted.
    ///
    /// # Errors
    /// `Invalid` for a line left out, named twice, unknown, or over-picked; `Cancelled`; `NotAllowed`.
    pub fn decide_picked(&self, number: u16, lines: Vec<PickedLine>) -> Decided {
        let Some(part) = self.at(number, "pick", FulfillmentStatus::Open)? else {
            return self.same_pick(number, &lines);
        };
        check_pick(part, &lines)?;
        let mut picked = part.clone();
        for line in &mut picked.lines {
            line.picked = lines.iter().find(|found| found.line == line.line).map(|found| found.picked);
        }
        let short = picked.lines.iter().filter(|line| line.shipping() < line.quantity);
        let movements = short.flat_map(|line| line.moved(Kind::Shorted, &part.site, line.shipping(), line.quantity));
        let lost = self.lost_by(&picked)?.total()?;
        let postings = transfer(Account::UnearnedRevenue, Account::CustomerReceivable, lost)?;
        let draft = Draft::of(Event::Picked { fulfillment: number, lines });
        Ok(Some(draft.moving_money(postings).moving_stock(movements.collect())))
    }

    /// A pick that was recorded: the same is no news, another is refused.
    fn same_pick(&self, number: u16, lines: &[PickedLine]) -> Decided {
        let part = self.part(number)?;
        let found =
            |line: &PickedLine| part.lines.iter().any(|own| own.line == line.line && own.picked == Some(line.picked));
        if lines.len() == part.lines.len() && lines.iter().all(found) {
            return Ok(None);
        }
        let because = format!("fulfillment order {number} is {}", part.status.name());
        Err(Rejection::NotAllowed { command: "pick", because })
    }

    /// Packed in a carton and weighed.
    ///
    /// # Errors
    /// `Cancelled`; `NotAllowed` before it is picked, or packed otherwise.
    pub fn decide_packed(&self, number: u16, packing: Packing) -> Decided {
        let draft = |packing| Draft::of(Event::Packed { fulfillment: number, packing });
        match self.at(number, "pack", FulfillmentStatus::Picked)? {
            Some(_) => Ok(Some(draft(packing))),
            None if self.part(number)?.packing.as_ref() == Some(&packing) => Ok(None),
            None => {
                let because = format!("fulfillment order {number} is packed otherwise");
                Err(Rejection::NotAllowed { command: "pack", because })
            }
        }
    }

    /// Must a label be bought? `None`: there is one.
    ///
    /// # Errors
    /// `Cancelled`; `NotAllowed` before it is packed.
    pub fn label_wanted(&self, number: u16) -> Result<Option<(&Fulfillment, &Packing)>, Rejection> {
        let part = self.at(number, "label", FulfillmentStatus::Packed)?;
        Ok(part.and_then(|part| part.packing.as_ref().map(|packing| (part, packing))))
    }

    /// A label was bought. A fact from outside: recorded even when the order was cancelled meanwhile, so that it is voided.
    ///
    /// # Errors
    /// `Unknown` fulfillment order.
    pub fn decide_labeled(&self, number: u16, label: Label) -> Decided {
        if self.part(number)?.shipment.is_some() {
            return Ok(None);
        }
        Ok(Some(Draft::of(Event::Labeled { fulfillment: number, label })))
    }

    /// The label of a cancelled fulfillment order was given back.
    ///
    /// # Errors
    /// `NotAllowed` for a fulfillment order that goes on.
    pub fn decide_label_voided(&self, number: u16) -> Decided {
        let part = self.part(number)?;
        if part.shipment.as_ref().is_none_or(|shipment| shipment.voided) {
            return Ok(None);
        }
        if part.status != FulfillmentStatus::Cancelled {
            let because = format!("fulfillment order {number} is {}", part.status.name());
            return Err(Rejection::NotAllowed { command: "void the label", because });
        }
        Ok(Some(Draft::of(Event::LabelVoided { fulfillment: number })))
    }

    /// The carrier took it, on a manifest.
    ///
    /// # Errors
    /// `Cancelled`; `NotAllowed` before it has a label, or on another manifest.
    pub fn decide_handed_over(&self, number: u16, manifest: String) -> Decided {
        match self.at(number, "hand over", FulfillmentStatus::Labeled)? {
            Some(_) => Ok(Some(Draft::of(Event::HandedOver { fulfillment: number, manifest }))),
            None if self.part(number)?.manifest.as_deref() == Some(&manifest) => Ok(None),
            None => {
                let because = format!("fulfillment order {number} left on another manifest");
                Err(Rejection::NotAllowed { command: "hand over", because })
            }
        }
    }

    /// It left: units leave the stock, revenue is recognized.
    ///
    /// # Errors
    /// `NotAllowed` before it is handed over; `Money` beyond 64 bits.
    pub fn decide_dispatched(&self, number: u16) -> Decided {
        let part = self.part(number)?;
        if part.dispatched {
            return Ok(None);
        }
        if part.status == FulfillmentStatus::Cancelled {
            return Err(Rejection::Cancelled);
        }
        if part.status != FulfillmentStatus::HandedOver {
            let because = format!("fulfillment order {number} is {}", part.status.name());
            return Err(Rejection::NotAllowed { command: "dispatch", because });
        }
        let lines = part.lines.iter();
        let movements = lines.flat_map(|line| line.moved(Kind::Shipped, &part.site, 0, line.shipping()));
        let earned = self.earned_by(part)?;
        let draft = Draft::of(Event::Dispatched { fulfillment: number, due: earned.total()? });
        Ok(Some(draft.moving_money(earned.recognized()?).moving_stock(movements.collect())))
    }
}

/// Every line once, none over-picked.
fn check_pick(part: &Fulfillment, lines: &[PickedLine]) -> Result<(), Rejection> {
    let invalid = |pointer: String, rule: String| Err(Rejection::Invalid { pointer, rule });
    for (index, found) in lines.iter().enumerate() {
        let at = |name: &str| format!("/lines/{index}/{name}");
        if lines[..index].iter().any(|earlier| earlier.line == found.line) {
            return invalid(at("line"), "is named twice".to_owned());
        }
        match part.lines.iter().find(|line| line.line == found.line) {
            None => return invalid(at("line"), "is not in this fulfillment order".to_owned()),
            Some(line) if found.picked > line.quantity => {
                return invalid(at("picked"), format!("must be at most {}", line.quantity));
            }
            Some(_) => {}
        }
    }
    if lines.len() == part.lines.len() {
        return Ok(());
    }
    invalid(
        "/lines".to_owned(),
        "must name every line of the fulfillment order, with 0 for what was not found".to_owned(),
    )
}

impl FulfillmentStatus {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Picked => "picked",
            Self::Packed => "packed",
            Self::Labeled => "labeled",
            Self::HandedOver => "handed_over",
            Self::Short => "short",
            Self::Cancelled => "cancelled",
        }
    }
}
