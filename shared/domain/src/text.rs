//! Text with a bound: what a person may type, and no more.

use serde::{Deserialize, Serialize};

/// Text of 1 to `MAX` characters, without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A control character, such as a line break.
    #[error("must not contain control characters")]
    Control,
}

impl<const MAX: usize> Text<MAX> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(InvalidText::Empty);
        }
        if trimmed.chars().count() > MAX {
            return Err(InvalidText::TooLong(MAX));
        }
        if trimmed.chars().any(char::is_control) {
            return Err(InvalidText::Control);
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_bounded_and_printable() {
        let text = |t: &str| Text::<5>::try_from(t.to_owned());
        assert_eq!(text(" ab ").map(String::from), Ok("ab".to_owned()));
        assert_eq!(text("  "), Err(InvalidText::Empty));
        assert_eq!(text("abcdef"), Err(InvalidText::TooLong(5)));
        assert_eq!(text("a\nb"), Err(InvalidText::Control));
    }
}
