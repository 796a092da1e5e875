//! Does a series grow? A line is fitted by least squares, in whole numbers.

use serde::Serialize;

/// A point of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Seconds from the run's beginning.
    pub second: u64,
    /// What was measured then.
    pub value: u64,
}

/// How much a series may rise, by its fitted line from the first to the last point that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tolerance {
    /// Percent of the series' mean.
    pub percent: u64,
    /// Or this much, if that is more: small numbers jump by more than a few percent.
    pub floor: u64,
}

/// What a series does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// Points judged.
    pub points: usize,
    /// Their mean.
    pub mean: i64,
    /// What the fitted line rises by from the first of them to the last.
    pub rise: i64,
    /// What the fitted line rises by in an hour.
    pub rise_per_hour: i64,
    /// What it may rise by.
    pub allowed: i64,
}

impl Trend {
    /// Of `points`, the oldest first, without the first quarter of their time: processes start and caches fill then.
    #[must_use]
    pub fn of(points: &[Point], tolerance: Tolerance) -> Self {
        let judged = settled(points);
        let (count, mut times, mut values, mut squares, mut products) = (as_wide(judged.len()), 0_i128, 0, 0, 0);
        for point in judged {
            let (t, v) = (i128::from(point.second), i128::from(point.value));
            times += t;
            values += v;
            squares += t * t;
            products += t * v;
        }
        let (up, down) = (count * products - times * values, count * squares - times * times);
        let length = match judged {
            [first, .., last] => i128::from(last.second - first.second),
            [] | [_] => 0,
        };
        let over = |seconds: i128| narrow((up * seconds).checked_div(down).unwrap_or_default());
        let mean = narrow(values.checked_div(count).unwrap_or_default());
        let share = i64::try_from(tolerance.percent).unwrap_or(i64::MAX).saturating_mul(mean) / 100;
        let allowed = share.max(i64::try_from(tolerance.floor).unwrap_or(i64::MAX));
        Self { points: judged.len(), mean, rise: over(length), rise_per_hour: over(3_600), allowed }
    }

    /// Does it rise by more than it may?
    #[must_use]
    pub fn grows(&self) -> bool {
        self.rise > self.allowed
    }
}

/// The points after the first quarter of their time.
#[must_use]
pub fn settled(points: &[Point]) -> &[Point] {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return points };
    let from = first.second + (last.second - first.second) / 4;
    let skipped = points.iter().take_while(|point| point.second < from).count();
    points.get(skipped..).unwrap_or_default()
}

fn as_wide(count: usize) -> i128 {
    i128::try_from(count).unwrap_or(i128::MAX)
}

fn narrow(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: Tolerance = Tolerance { percent: 5, floor: 8 };

    fn series(value: impl Fn(u64) -> u64) -> Vec<Point> {
        (0..360).map(|at| Point { second: at * 10, value: value(at) }).collect()
    }

    #[test]
    fn a_leak_of_a_tenth_in_an_hour_is_growth() {
        let trend = Trend::of(&series(|at| 100_000 + at * 28), TOLERANCE);
        assert!(trend.grows(), "{trend:?}");
        assert_eq!(trend.rise_per_hour, 10_080);
    }

    #[test]
    fn a_leak_hidden_in_noise_is_growth() {
        let noise = |at: u64| at * 7_919 % 4_001;
        let trend = Trend::of(&series(|at| 100_000 + at * 28 + noise(at)), TOLERANCE);
        assert!(trend.grows(), "{trend:?}");
    }

    #[test]
    fn noise_alone_and_a_warm_up_are_none() {
        let noise = |at: u64| at * 7_919 % 4_001;
        assert!(!Trend::of(&series(|at| 100_000 + noise(at)), TOLERANCE).grows());
        let warming = |at: u64| if at < 80 { 20_000 + at * 1_000 } else { 100_000 };
        assert!(!Trend::of(&series(warming), TOLERANCE).grows());
    }

    #[test]
    fn what_shrinks_or_was_hardly_measured_does_not_grow() {
        assert!(!Trend::of(&series(|at| 1_000_000 - at * 100), TOLERANCE).grows());
        let one = [Point { second: 0, value: 5 }];
        assert_eq!(Trend::of(&one, TOLERANCE).rise, 0);
        assert_eq!(Trend::of(&[], TOLERANCE).points, 0);
    }
}
