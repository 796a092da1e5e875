//! Cursors: where the page before ended.

use super::problem::Problem;
use jiff::Timestamp;
use jiff::civil::Date;

/// Longer than any of ours: a time, a cause, and a place with its site, lot, serial number and bin.
const LONGEST: usize = 512;

/// `cursor`, if it can be one of ours: a time and what stood there, or the end of a day. It goes into a key, so anything
/// else would be refused by the table at best.
///
/// # Errors
/// 400 for what no page of ours answered as `next`.
pub fn cursor(cursor: Option<&str>) -> Result<Option<&str>, Problem> {
    match cursor {
        Some(text) if !is_ours(text) => Err(Problem::bad_request("query/cursor", "is no `next` of a page")),
        Some(_) | None => Ok(cursor),
    }
}

fn is_ours(cursor: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.' | b'#');
    if cursor.len() > LONGEST || !cursor.bytes().all(legal) {
        return false;
    }
    match cursor.split_once('#') {
        Some((at, _)) => at.parse::<Timestamp>().is_ok(),
        None => cursor.strip_suffix("T99").is_some_and(|day| day.parse::<Date>().is_ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_one_of_ours_or_refused() {
        let ours = ["2026-11-02T12:00:00.000000001Z#ord-1", "2026-11-02T12:00:00Z#ord-1#2", "2026-11-02T99"];
        assert!(ours.iter().all(|text| cursor(Some(text)) == Ok(Some(text))));
        assert_eq!(cursor(None), Ok(None));
        let long = format!("2026-11-02T12:00:00Z#{}", "x".repeat(600));
        for made_up in ["", "0", "next", "2026-11-02", "2026-11-02T99#x", "2026-11-02T12:00:00Z# ", &long] {
            assert_eq!(cursor(Some(made_up)).unwrap_err().status, 400, "{made_up}");
        }
    }
}
