//! Environment variables, read once at start. Tests pass a lookup of their own.

/// A variable is missing or is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not set, or empty.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// Set to something else.
    #[error("{name} is `{text}`, which is no number")]
    NotANumber {
        /// Which.
        name: &'static str,
        /// What it says.
        text: String,
    },
}

/// The text of a variable of the process.
///
/// # Errors
/// It is missing or empty.
pub fn text(name: &'static str) -> Result<String, ConfigError> {
    text_of(name, |name| std::env::var(name).ok())
}

/// The number in a variable of the process.
///
/// # Errors
/// It is missing, empty or no number.
pub fn number(name: &'static str) -> Result<u32, ConfigError> {
    number_of(name, |name| std::env::var(name).ok())
}

fn text_of(name: &'static str, get: impl Fn(&str) -> Option<String>) -> Result<String, ConfigError> {
    get(name).filter(|text| !text.is_empty()).ok_or(ConfigError::Missing(name))
}

fn number_of(name: &'static str, get: impl Fn(&str) -> Option<String>) -> Result<u32, ConfigError> {
    let text = text_of(name, get)?;
    text.parse().map_err(|_| ConfigError::NotANumber { name, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_no_number_is_named() {
        let set = |name: &str| (name == "RATE").then(|| "12".to_owned());
        assert_eq!(number_of("RATE", set), Ok(12));
        assert_eq!(text_of("TABLE", set), Err(ConfigError::Missing("TABLE")));
        let words = |_: &str| Some("twelve".to_owned());
        assert_eq!(number_of("RATE", words).unwrap_err().to_string(), "RATE is `twelve`, which is no number");
    }
}
