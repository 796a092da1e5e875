//! What can go wrong while the local AWS is set up, driven or asked.

use std::path::Path;

/// A failure of the harness, said so that the reader knows what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something the harness needs is not there or did not work.
    #[error("{0}")]
    Setup(String),
    /// A file or a process could not be read, written or started.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A request was not answered.
    #[error("{what}: {source:?}")]
    Http {
        /// The request.
        what: String,
        /// What the client said.
        source: reqwest::Error,
    },
    /// A request was answered with a refusal.
    #[error("{what} answered {status}: {body}")]
    Refused {
        /// The request.
        what: String,
        /// The HTTP status.
        status: u16,
        /// The answer's body.
        body: String,
    },
    /// An answer or a file is not the JSON it should be.
    #[error("{what}: {source}")]
    Json {
        /// Which text.
        what: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Something awaited did not happen in time.
    #[error("waited {seconds} s in vain for {what}; last seen: {last}")]
    Late {
        /// What was awaited.
        what: String,
        /// For how long.
        seconds: u64,
        /// What was seen at the last look.
        last: String,
    },
}

impl Error {
    /// For `map_err` on what the file system or a process answers.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// As [`Error::io`], naming a path.
    pub fn at(what: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        Self::io(format!("{what} {}", path.display()))
    }

    /// For `map_err` on what an HTTP client answers.
    pub fn http(what: impl Into<String>) -> impl FnOnce(reqwest::Error) -> Self {
        let what = what.into();
        move |source| Self::Http { what, source }
    }

    /// For `map_err` on what a JSON parser answers.
    pub fn json(what: impl Into<String>) -> impl FnOnce(serde_json::Error) -> Self {
        let what = what.into();
        move |source| Self::Json { what, source }
    }
}

/// The harness's results.
pub type Result<T> = std::result::Result<T, Error>;

/// Where the harness says what it is doing; each line replaces the last.
pub type Progress = std::sync::Arc<dyn Fn(&str) + Send + Sync>;

/// A [`Progress`] that says nothing.
#[must_use]
pub fn silent() -> Progress {
    std::sync::Arc::new(|_| {})
}
