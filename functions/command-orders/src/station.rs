//! What a station sends, in the order's terms.

use crate::schema::{PackBody, PickBody, PickedBySku};
use waybill_domain::catalog::Carton;
use waybill_domain::order::{Fulfillment, Order, Packing, PickedLine, Rejection};

/// The lines a pick names.
///
/// # Errors
/// `Invalid` for a line named neither by number nor by a SKU that stands on one line only; `Unknown` fulfillment order.
pub fn picked(order: &Order, number: u16, body: &PickBody) -> Result<Vec<PickedLine>, Rejection> {
    let part = order.fulfillment(number).ok_or(Rejection::Unknown("such fulfillment order"))?;
    let named = |(index, found): (usize, &PickedBySku)| {
        let line = line_of(part, found).map_err(|(name, rule)| Rejection::Invalid {
            pointer: format!("/lines/{index}/{name}"),
            rule: rule.to_owned(),
        })?;
        Ok(PickedLine { line, picked: found.picked })
    };
    body.lines.iter().enumerate().map(named).collect()
}

fn line_of(part: &Fulfillment, found: &PickedBySku) -> Result<u16, (&'static str, &'static str)> {
    match (found.line, &found.sku) {
        (Some(line), None) => Ok(line),
        (None, Some(sku)) => {
            let mut lines = part.lines.iter().filter(|line| line.sku == *sku);
            match (lines.next(), lines.next()) {
                (Some(line), None) => Ok(line.line),
                (Some(_), Some(_)) => Err(("sku", "stands on several lines: name them by line")),
                (None, _) => Err(("sku", "is not in this fulfillment order")),
            }
        }
        (Some(_), Some(_)) | (None, None) => Err(("sku", "or line must name the line, one of them")),
    }
}

/// The parcel, with its carton's sizes; `None` for a weight the carton alone exceeds.
#[must_use]
pub fn packing(carton: &Carton, body: &PackBody) -> Option<Packing> {
    let weight = body.weight_grams.get();
    let (least, most) = (carton.empty_grams.get(), carton.empty_grams.get().saturating_add(carton.max_grams.get()));
    (least..=most).contains(&weight).then(|| Packing {
        carton: carton.id.clone(),
        weight_grams: weight,
        length_mm: carton.length_mm.get(),
        width_mm: carton.width_mm.get(),
        height_mm: carton.height_mm.get(),
    })
}
