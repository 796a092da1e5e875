//! What both webhooks say of an event that cannot be read.

/// The event cannot be read. Says where, and nothing of what it holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedEvent {
    /// Not JSON, or not an event: what is wrong, at which line and column (both 0 where there is no telling).
    #[error("not an event: {0:?} error at line {1} column {2}")]
    Form(serde_json::error::Category, usize, usize),
    /// An event we need to know about, and this field of it is missing, empty or of another type.
    #[error("an event without `{0}`")]
    Without(&'static str),
}

impl From<serde_json::Error> for MalformedEvent {
    fn from(error: serde_json::Error) -> Self {
        // The error's own text quotes what it stumbled over.
        Self::Form(error.classify(), error.line(), error.column())
    }
}
