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

fn is_mail_sent_again(case: &Case, difference: &str, ours: &Books, undisturbed: &Books) -> bool {
    case.doubts_a_mail() && difference.starts_with("mails") && is_one_mail_more(&ours.0["mails"], undisturbed)
}

/// Each mail of the undisturbed run at least once, and at most one of them once more.
pub(crate) fn is_one_mail_more(mails: &Value, undisturbed: &Books) -> bool {
    let list = |mails: &Value| -> Vec<Value> { mails.as_array().cloned().unwrap_or_default() };
    let (ours, theirs) = (list(mails), list(&undisturbed.0["mails"]));
    let once = |mails: &[Value]| {
        let mut once = mails.to_vec();
        once.dedup();
        once
    };
    once(&ours) == once(&theirs) && ours.len() <= theirs.len() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::FLOWS;
    use crate::hub::{Fault, Seen, Site};
    use crate::kind::{Class, Kind};
    use serde_json::json;
    use std::time::Duration;

    fn books() -> Value {
        json!({
            "order": {"status": "closed", "channel": "api", "captured": 2500, "refunded": 0, "cases": []},
            "events": {"placed": 1, "payment_captured": 1},
            "ledger": {"holds": true, "balances": [["sales", -2500]]},
            "processor": [{"status": "succeeded", "captured": 2500, "refunded": 0, "held": 0, "disputed": 0}],
            "carrier": {"bought": 1, "refunded": 0, "twice": 0},
            "stock": {"available": 7, "backordered": 0, "sites": [{"on_hand": 7, "allocated": 0, "held": 0}]},
            "mails": ["confirmed", "shipped"],
            "executions": ["SUCCEEDED"],
        })
    }

    /// The verdict on a run whose books have this in this place.
    fn after(pointer: &str, value: Value, at: (&str, Class, Kind)) -> Found {
        let mut changed = books();
        *changed.pointer_mut(pointer).unwrap() = value;
        let (name, class, kind) = at;
        let fault = Fault { site: Site { name: name.to_owned(), nth: 1, class }, kind };
        let case = Case { flow: &FLOWS[0], faults: vec![fault] };
        let course = Course { flow: &FLOWS[0], sites: Vec::new(), calls: 0, books: Books(books()) };
        let outcome =
            Outcome { seen: Seen::default(), books: Ok(Books(changed)), stuck: None, took: Duration::default() };
        judge(&case, &outcome, &course)
    }

    const ANYWHERE: (&str, Class, Kind) = ("ship ▸ TransactWriteItems", Class::Database, Kind::Lose);

    #[test]
    fn whatever_any_book_says_otherwise_is_a_broken_promise() {
        let table = [
            ("/order/status", json!("placed"), "has not ended"),
            ("/order/captured", json!(5000), "the processor"),
            ("/events/payment_captured", json!(2), "payment_captured is 2"),
            ("/ledger/holds", json!(false), "proof does not hold"),
            ("/processor/0/captured", json!(5000), "processor"),
            ("/processor/0/held", json!(100), "still held"),
            ("/carrier/twice", json!(1), "labels were bought twice"),
            ("/carrier/bought", json!(2), "carrier.bought is 2"),
            ("/stock/available", json!(8), "7 units on hand"),
            ("/stock/sites/0/on_hand", json!(-1), "below nothing"),
            ("/mails", json!(["confirmed"]), "mails is"),
            ("/mails", json!(["confirmed", "shipped", "shipped"]), "mails is"),
            ("/executions/0", json!("FAILED"), "executions is"),
        ];
        for (pointer, value, words) in table {
            let found = after(pointer, value, ANYWHERE);
            let is_told = matches!(&found, Found::Broken(what) if what.join("; ").contains(words));
            assert!(is_told, "{pointer}: {found:?}");
        }
        assert_eq!(after("/executions/0", json!("SUCCEEDED"), ANYWHERE), Found::Same);
    }

    #[test]
    fn a_mail_may_leave_twice_only_where_its_own_sending_was_in_doubt() {
        let twice = json!(["confirmed", "shipped", "shipped"]);
        let mailer = |class, kind| ("notify ▸ POST /v2/email/outbound-emails", class, kind);
        assert!(matches!(after("/mails", twice.clone(), mailer(Class::Write, Kind::Lose)), Found::Documented(_)));
        assert!(matches!(after("/mails", twice.clone(), mailer(Class::Write, Kind::Throttle)), Found::Broken(_)));
        let thrice = json!(["confirmed", "shipped", "shipped", "shipped"]);
        assert!(matches!(after("/mails", thrice, mailer(Class::Write, Kind::Lose)), Found::Broken(_)));
        let event = ("notify ◂ message shipped", Class::Event, Kind::Twice);
        assert!(matches!(after("/mails", twice, event), Found::Broken(_)));
    }
}
