//! Rust sources, stripped to what a rule is about.

/// A source split into its code and its string literals; comments are in neither. Lines keep their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The code, with every literal empty.
    pub code: String,
    /// The string literals, in order, with the line each begins on.
    pub literals: Vec<(usize, String)>,
}

impl Source {
    /// Splits `text`. Raw strings, escapes, nested comments and lifetimes are understood.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut source = Self::default();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            rest = if rest.starts_with("//") {
                &rest[rest.find('\n').unwrap_or(rest.len())..]
            } else if rest.starts_with("/*") {
                source.skip(rest, block_comment(rest))
            } else if let Some((open, close)) = literal_edges(rest) {
                source.literal(rest, open, &close)
            } else if next == '\'' {
                source.keep(rest, character(rest))
            } else {
                source.keep(rest, next.len_utf8())
            };
        }
        source
    }

    /// The code up to the unit tests, which by this project's habit stand last.
    #[must_use]
    pub fn product(&self) -> &str {
        self.code.split("#[cfg(test)]").next().unwrap_or_default()
    }

    /// The words of the product's code: identifiers, keywords, numbers.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.product().split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
    }

    fn keep<'t>(&mut self, rest: &'t str, bytes: usize) -> &'t str {
        self.code.push_str(&rest[..bytes]);
        &rest[bytes..]
    }

    fn skip<'t>(&mut self, rest: &'t str, bytes: usize) -> &'t str {
        self.code.extend(rest[..bytes].chars().filter(|c| *c == '\n'));
        &rest[bytes..]
    }

    fn literal<'t>(&mut self, rest: &'t str, open: usize, close: &str) -> &'t str {
        let line = self.code.matches('\n').count() + 1;
        let body = &rest[open..];
        let end = if close == "\"" { unescaped_quote(body) } else { body.find(close) }.unwrap_or(body.len());
        self.literals.push((line, body[..end].to_owned()));
        self.code.push_str("\"\"");
        self.skip(rest, open + (end + close.len()).min(body.len()))
    }
}

/// Bytes before a literal's text, and what ends it; `None` where no string literal begins.
fn literal_edges(rest: &str) -> Option<(usize, String)> {
    let after_prefix = rest.strip_prefix('b').unwrap_or(rest);
    let prefix = rest.len() - after_prefix.len();
    if after_prefix.starts_with('"') {
        return Some((prefix + 1, "\"".to_owned()));
    }
    let raw = after_prefix.strip_prefix('r')?;
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    let quote = raw[hashes..].starts_with('"');
    quote.then(|| (prefix + 1 + hashes + 1, format!("\"{}", "#".repeat(hashes))))
}

fn unescaped_quote(body: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            '"' if !escaped => return Some(at),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// The length of a block comment, which may hold others.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a character literal; a lifetime is its quote alone.
fn character(rest: &str) -> usize {
    let body = &rest[1..];
    let end = if let Some(escape) = body.strip_prefix('\\') {
        escape.char_indices().skip(1).find(|(_, c)| *c == '\'').map(|(at, _)| at + 2)
    } else {
        let first = body.chars().next().map_or(0, char::len_utf8);
        body[first..].starts_with('\'').then_some(first)
    };
    end.map_or(1, |end| 1 + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_literals_and_comments_are_told_apart() {
        let source =
            Source::of("let a = \"x // \\\" y\"; // f64\n/* f32 /* */ */ b('\\'', '\"'); r#\"a\"b\"# 'life fn\nz");
        assert_eq!(source.literals, [(1, "x // \\\" y".to_owned()), (2, "a\"b".to_owned())]);
        assert_eq!(source.code, "let a = \"\"; \n b('\\'', '\"'); \"\" 'life fn\nz");
    }

    #[test]
    fn unit_tests_are_not_the_product() {
        let source = Source::of("fn a() {}\n#[cfg(test)]\nmod tests { use f64; }");
        assert!(source.words().all(|word| word != "f64"), "{}", source.product());
    }
}
