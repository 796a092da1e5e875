//! Stripe's lists, newest first, a page at a time.

use serde::Deserialize;

/// The largest page there is.
pub const LIMIT: &str = "100";

/// A page of a list or of a search.
#[derive(Debug, Deserialize)]
pub struct Listed<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}
