//! What stores and staff are told of an item's availability: when it runs low, and when it is back.

use serde::{Deserialize, Serialize};

/// A threshold that what is available of an item has crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Crossing {
    /// Fewer units than the item's threshold may be promised.
    #[serde(rename = "stock.low")]
    Low,
    /// There was none to promise, and there is again.
    #[serde(rename = "stock.back")]
    Back,
}

impl Crossing {
    /// The type of its event.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "stock.low",
            Self::Back => "stock.back",
        }
    }
}

/// The thresholds crossed when what is available goes from `before` to `after` units. Each is crossed once: who is below it
/// already does not cross it again.
#[must_use]
pub fn crossings(before: i64, after: i64, low_stock: Option<u32>) -> Vec<Crossing> {
    let falls_below = |threshold: i64| before >= threshold && after < threshold;
    let low = low_stock.is_some_and(|threshold| falls_below(threshold.into()));
    let back = before < 1 && after >= 1;
    [(Crossing::Low, low), (Crossing::Back, back)]
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(crossing, _)| crossing)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_crossed_once_on_the_way_down() {
        let levels = [12, 10, 9, 4, 9, 10, 3, 0, -2, 0, 5, 6];
        let told: Vec<_> = levels.windows(2).flat_map(|two| crossings(two[0], two[1], Some(10))).collect();
        assert_eq!(told, [Crossing::Low, Crossing::Low, Crossing::Back]);
    }

    #[test]
    fn an_item_without_a_threshold_is_never_low_but_comes_back() {
        assert_eq!(crossings(10, 0, None), []);
        assert_eq!(crossings(0, 1, None), [Crossing::Back]);
        assert_eq!(crossings(-3, 4, Some(5)), [Crossing::Back]);
        assert_eq!(crossings(-3, 0, Some(5)), []);
    }
}
