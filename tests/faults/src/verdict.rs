//! What a run's end says about what was promised.

use crate::books::Books;
use crate::lab::Outcome;
use crate::prove::{Case, Course};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "what")]
pub enum Found {
    /// It ended as without the fault.
    Same,
    /// It ended otherwise in a way that docs/reliability.md names: a mail may leave twice.
    Documented(Vec<String>),
    /// The fault did not strike: nothing was shown.
    Missed,
    /// A promise was broken.
    Broken(Vec<String>),
}

/// One fault must not change how a flow ends. Of two, every book must still agree with every other, and the order must have
/// ended or be seen by staff.
#[must_use]
pub fn judge(case: &Case, outcome: &Outcome, course: &Course) -> Found {
    if !outcome.seen.waiting.is_empty() {
        return Found::Missed;
    }
    let books = match &outcome.books {
        Ok(books) => books,
        Err(stuck) => return Found::Broken(vec![format!("the books cannot be read: {stuck}")]),
    };
    let mut broken = books.unsound();
    let mut documented = Vec::new();
    if case.faults.len() < 2 {
        broken.extend(outcome.stuck.iter().cloned());
        for difference in books.differences(&course.books) {
            if is_mail_sent_again(case, &difference, books, &course.books) {
                documented.push(difference);
            } else {
                broken.push(difference);
            }
        }
    }
    match (broken.is_empty(), documented.is_empty()) {
        (false, _) => Found::Broken(broken),
        (true, false) => Found::Documented(documented),
        (true, true) => Found::Same,
    }
}

/// The mail service knows no idempotency: a mail whose answer was lost is sent again, better twice than never.
fn is_mail_sent_again(case: &Case, difference: &str, ours: &Books, undisturbed: &Books) -> bool {
    let at_the_mailer =
        case.faults.iter().any(|fault| fault.kind.leaves_doubt() && fault.site.name.starts_with("notify"));
    let list = |books: &Books| -> Vec<Value> { books.0["mails"].as_array().cloned().unwrap_or_default() };
    let mut once = list(ours);
    once.dedup();
    let mut wanted = list(undisturbed);
    wanted.dedup();
    at_the_mailer
        && difference.starts_with("mails")
        && once == wanted
        && list(ours).len() <= list(undisturbed).len() + 1
}
