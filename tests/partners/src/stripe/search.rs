//! The search language, as far as it speaks of metadata and status: `metadata['order_id']:'o-1' AND status:'canceled'`.

use super::intents::Intent;

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Metadata { key: String, value: String },
    Status(String),
}

/// Conditions that must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(Vec<Term>);

impl Query {
    /// Reads a query; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut terms = Vec::new();
        loop {
            let (term, after) = term(rest)?;
            terms.push(term);
            let after = after.trim_start();
            if after.is_empty() {
                return Some(Self(terms));
            }
            rest = after.strip_prefix("AND ").or_else(|| after.strip_prefix("and "))?.trim_start();
        }
    }

    /// Whether every condition holds.
    pub fn matches(&self, intent: &Intent) -> bool {
        self.0.iter().all(|term| match term {
            Term::Metadata { key, value } => intent.wish.metadata.get(key) == Some(value),
            Term::Status(status) => intent.status.as_str() == status,
        })
    }
}

fn term(text: &str) -> Option<(Term, &str)> {
    if let Some(rest) = text.strip_prefix("metadata[") {
        let (key, rest) = quoted(rest)?;
        let (value, rest) = quoted(rest.strip_prefix("]:")?)?;
        return Some((Term::Metadata { key, value }, rest));
    }
    let (status, rest) = quoted(text.strip_prefix("status:")?)?;
    Some((Term::Status(status), rest))
}

/// A text in single or double quotes, in which a backslash keeps the next character as it is.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let mut read = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => read.push(characters.next()?.1),
            end if end == quote => return Some((read, &text[at + 1..])),
            other => read.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Query, Term};

    fn metadata(key: &str, value: &str) -> Term {
        Term::Metadata { key: key.into(), value: value.into() }
    }

    #[test]
    fn terms_are_joined_by_and() {
        let query = Query::parse(r#"metadata['order_id']:'ord-1' AND metadata["it's"]:"a\"b" AND status:'canceled'"#);
        let terms = vec![metadata("order_id", "ord-1"), metadata("it's", "a\"b"), Term::Status("canceled".into())];
        assert_eq!(query, Some(Query(terms)));
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in ["", "metadata", "metadata['a']", "metadata['a']:'b", "metadata['a']:'b' OR status:'x'", "x:'y'"] {
            assert_eq!(Query::parse(text), None, "{text}");
        }
    }
}
