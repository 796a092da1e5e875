//! What sources must not contain.

use super::Findings;
use crate::repository::{self, Result};
use crate::source::Source;

/// The longest a source file may be, tests included.
pub const MAX_LINES: usize = 400;

/// A source, by its path.
#[derive(Clone, Debug)]
pub struct File {
    /// From the root of the checkout.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl File {
    /// Every source in a folder.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn all_in(folder: &str) -> Result<Vec<Self>> {
        let read = |path: String| Ok(Self { text: repository::text(&path)?, path });
        repository::sources(folder)?.into_iter().map(read).collect()
    }
}

/// A library of functions names no AWS client: `main.rs` alone wires them.
#[must_use]
pub fn functions_know_no_aws_sdk(files: &[File]) -> Findings {
    let libraries = files.iter().filter(|file| !file.path.ends_with("/main.rs"));
    named(libraries, |word| word.starts_with("aws_sdk") || word == "aws_config")
}

/// The rules read no clock, no environment, no randomness, and wait for nothing. A port's `impl Future` is a promise
/// about others.
#[must_use]
pub fn the_domain_is_pure(files: &[File]) -> Findings {
    const IMPURE: [&str; 11] =
        ["SystemTime", "Instant", "env", "rand", "getrandom", "async", "await", "tokio", "fs", "thread", "println"];
    let mut found = named(files.iter(), |word| IMPURE.contains(&word));
    for file in files {
        let code: String = Source::of(&file.text).product().split_whitespace().collect();
        if code.contains("::now(") {
            found.push(format!("{} reads the clock", file.path));
        }
        // An amount may be net of tax: only the module is meant.
        if code.contains("std::net") || code.contains("net::") {
            found.push(format!("{} names `net`", file.path));
        }
    }
    found
}

/// The sources that may name a float, and what it is there. Never an amount.
pub const FLOATS: [(&str, &str); 2] = [
    ("shared/aws/src/orders/audit.rs", "DynamoDB tells the read units it has consumed as a double"),
    ("shared/lambda/src/http/objects.rs", "serde's traits name every kind of number; it hands them on and keeps none"),
];

/// Money is counted in whole minor units, and so is everything it is computed from: no floating type, no conversion from
/// or to one (`as f64`, `as_f64`, `from_f64_retain`), no literal (`1.5`, `1e3`). Unit tests are held to it like the rest: a
/// test that expects an amount in floats expects the wrong one.
#[must_use]
pub fn nothing_is_floating(files: &[File]) -> Findings {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in (1..).zip(Source::of(&file.text).code.lines()) {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            let types = words.filter(|word| word.contains("f32") || word.contains("f64"));
            let odd = types.map(str::to_owned).chain(floating_literals(line));
            found.extend(odd.map(|odd| format!("{}:{number} names `{odd}`", file.path)));
        }
    }
    found
}

/// The floating literals in a line of code: `1.5`, `1.`, `1e3`. A range (`0..9`), a method of an integer (`1.max(2)`), a
/// tuple's field (`pair.0.1`) and hexadecimal (`0x1e3`) are none.
fn floating_literals(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = ' ';
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len()).max(first.len_utf8())];
        if first.is_ascii_digit() && before != '.' {
            let after = &rest[word.len()..];
            let mut next = after.chars().skip(1);
            let has_point =
                after.starts_with('.') && next.next().is_none_or(|c| c != '.' && c != '_' && !c.is_alphabetic());
            let (digits, exponent) = word.split_once(['e', 'E']).unwrap_or((word, "none"));
            let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '_');
            if has_point || (is_number(digits) && is_number(exponent)) {
                found.push(format!("{word}{}", if has_point { "." } else { "" }));
            }
        }
        before = word.chars().last().unwrap_or(' ');
        rest = &rest[word.len()..];
    }
    found
}

/// DynamoDB's conditions cannot do arithmetic; the local AWS accepts it, so only this finds it before production.
/// What is compared with a value (`:x`) or stands in the condition of a write is looked at.
#[must_use]
pub fn conditions_do_no_arithmetic(files: &[File]) -> Findings {
    let is_condition = |text: &str| {
        let compares = [" = :", " >= :", " <= :", " > :", " < :", " <> :", "attribute_", "begins_with(", " BETWEEN "];
        compares.iter().any(|sign| text.contains(sign)) && !text.starts_with("SET ") && !text.starts_with("ADD ")
    };
    let mut found = Vec::new();
    for file in files {
        for (line, text) in Source::of(&file.text).literals {
            if is_condition(&text) && text.split([' ', '(', ')']).any(|word| word == "+" || word == "-") {
                found.push(format!("{}:{line} computes in a condition: {text}", file.path));
            }
        }
    }
    found
}

/// No file is too long to be read at once.
#[must_use]
pub fn files_are_short(files: &[File]) -> Findings {
    let long = files.iter().map(|file| (file, file.text.lines().count())).filter(|(_, lines)| *lines > MAX_LINES);
    long.map(|(file, lines)| format!("{} has {lines} lines, more than {MAX_LINES}", file.path)).collect()
}

fn named<'f>(files: impl Iterator<Item = &'f File>, forbidden: impl Fn(&str) -> bool) -> Findings {
    let mut found = Vec::new();
    for file in files {
        let source = Source::of(&file.text);
        let mut words: Vec<&str> = source.words().filter(|word| forbidden(word)).collect();
        words.dedup();
        found.extend(words.into_iter().map(|word| format!("{} names `{word}`", file.path)));
    }
    found
}
