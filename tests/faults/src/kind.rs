//! What can go wrong with a call or an event, and where each makes sense.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use waybill_harness::proxy::{Fate, Turn};

/// Functions that take whole batches of a stream.
const BATCHED: [&str; 3] = ["relay", "audit-stock", "fill-backorders"];

/// A function's time-out in a laboratory, in seconds; the template's are up to 900. What takes a hundred records at once gets
/// more.
#[must_use]
pub fn time_out(function: &str) -> u64 {
    if BATCHED.contains(&function) { 25 } else { 10 }
}

/// How late a late event comes.
const LATE: Duration = Duration::from_secs(2);

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The connection is cut before the call has any effect.
    Refuse,
    /// The call takes effect and its answer is lost.
    Lose,
    /// The service answers 500 and does nothing.
    Error,
    /// The service answers that it is asked too often.
    Throttle,
    /// `DynamoDB` answers that another transaction is under way.
    Conflict,
    /// No answer ever comes, and no effect.
    TimeOut,
    /// No answer comes in time, and the effect takes place when the caller has been killed and its successor is at work.
    Pause,
    /// The call takes effect, and the process is killed before it hears of it.
    Kill,
    /// The event fails before its function sees it.
    Fail,
    /// The event is delivered twice.
    Twice,
    /// The function does all it has to and is killed before it says so.
    Die,
    /// The event comes late: what happened after it comes before it.
    Late,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Refuse,
        Self::Lose,
        Self::Error,
        Self::Throttle,
        Self::Conflict,
        Self::TimeOut,
        Self::Pause,
        Self::Kill,
        Self::Fail,
        Self::Twice,
        Self::Die,
        Self::Late,
    ];

    /// Its name on the command line and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Lose => "lose",
            Self::Error => "error",
            Self::Throttle => "throttle",
            Self::Conflict => "conflict",
            Self::TimeOut => "time-out",
            Self::Pause => "pause",
            Self::Kill => "kill",
            Self::Fail => "fail",
            Self::Twice => "twice",
            Self::Die => "die",
            Self::Late => "late",
        }
    }

    /// Does a run with it have to wait for a function's time-out?
    #[must_use]
    pub const fn is_slow(self) -> bool {
        matches!(self, Self::TimeOut | Self::Pause)
    }

    /// Does whoever made the call, or a successor, not know what came of it or of the call before it?
    #[must_use]
    pub const fn leaves_doubt(self) -> bool {
        matches!(self, Self::Lose | Self::Pause | Self::Kill | Self::TimeOut)
    }

    /// What a call meets; `None` for what only events meet.
    pub(crate) fn fate(self, function: &str, service: &str) -> Option<Fate> {
        match self {
            Self::Refuse => Some(Fate::Refuse),
            Self::Lose => Some(Fate::Lose),
            Self::Error => Some(Fate::Answer(500, said(service, "InternalServerError"))),
            Self::Throttle => Some(throttled(service)),
            Self::Conflict => Some(Fate::Answer(400, said(service, "TransactionConflictException"))),
            Self::TimeOut => Some(Fate::Hang),
            Self::Pause => Some(Fate::Stall(Duration::from_secs(time_out(function) + 2))),
            Self::Kill => Some(Fate::Kill),
            Self::Fail | Self::Twice | Self::Die | Self::Late => None,
        }
    }

    /// What an event meets; `None` for what only calls meet.
    pub(crate) const fn turn(self) -> Option<Turn> {
        match self {
            Self::Fail => Some(Turn::Fail),
            Self::Twice => Some(Turn::Twice),
            Self::Die => Some(Turn::Die),
            Self::Late => Some(Turn::Late(LATE)),
            Self::Refuse
            | Self::Lose
            | Self::Error
            | Self::Throttle
            | Self::Conflict
            | Self::TimeOut
            | Self::Pause
            | Self::Kill => None,
        }
    }
}

/// A cancelled transaction tells each of its parts' reasons; a single write tells its own.
pub(crate) fn conflict(operation: &str, parts: usize) -> Fate {
    if operation != "TransactWriteItems" {
        return Fate::Answer(400, said("DynamoDB", "TransactionConflictException"));
    }
    let mut reasons = vec![json!({"Code": "None"}); parts];
    if let Some(first) = reasons.first_mut() {
        *first = json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"});
    }
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": reasons,
    });
    Fate::Answer(400, body)
}

fn throttled(service: &str) -> Fate {
    match service {
        "stripe" | "easypost" => Fate::Answer(429, said(service, "rate_limit")),
        name if name.starts_with("DynamoDB") => {
            Fate::Answer(400, said(service, "ProvisionedThroughputExceededException"))
        }
        _ => Fate::Answer(400, said(service, "ThrottlingException")),
    }
}

/// An error in the service's own shape.
fn said(service: &str, code: &str) -> Value {
    match service {
        "stripe" => json!({"error": {"type": "api_error", "code": code, "message": "injected"}}),
        "easypost" => json!({"error": {"code": code, "message": "injected", "errors": []}}),
        _ => json!({"__type": format!("com.amazonaws#{code}"), "message": "injected"}),
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| format!("no kind of fault is called {text}"))
    }
}

/// What a place is, as far as faults are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A call that changes nothing.
    Read,
    /// A call that changes something, not in `DynamoDB`.
    Write,
    /// A write to `DynamoDB`.
    Database,
    /// An event that a function gets.
    Event,
}

impl Class {
    /// The class of a call.
    pub(crate) fn of(service: &str, operation: &str) -> Self {
        let verb = operation.split(' ').next().unwrap_or_default();
        let reads = ["Get", "Query", "BatchGet", "Scan", "Describe", "List", "TransactGet"];
        if verb == "GET" || verb == "HEAD" || reads.iter().any(|read| operation.starts_with(read)) {
            Self::Read
        } else if service.starts_with("DynamoDB") {
            Self::Database
        } else {
            Self::Write
        }
    }

    /// The faults that make a difference here. Of a read it is all the same whether it was made and its answer was lost, or
    /// whether it was never made.
    #[must_use]
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Read => &[Kind::Refuse, Kind::Error, Kind::Throttle, Kind::TimeOut, Kind::Kill],
            Self::Write => {
                &[Kind::Refuse, Kind::Lose, Kind::Error, Kind::Throttle, Kind::TimeOut, Kind::Pause, Kind::Kill]
            }
            Self::Database => &[
                Kind::Refuse,
                Kind::Lose,
                Kind::Error,
                Kind::Throttle,
                Kind::Conflict,
                Kind::TimeOut,
                Kind::Pause,
                Kind::Kill,
            ],
            Self::Event => &[Kind::Fail, Kind::Twice, Kind::Die, Kind::Late],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_strikes_calls_or_events() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_ne!(kind.fate("pick", "DynamoDB_20120810").is_some(), kind.turn().is_some(), "{kind}");
        }
        assert!("nonsense".parse::<Kind>().is_err());
    }

    #[test]
    fn calls_are_told_apart_by_what_they_change() {
        let table = [
            ("DynamoDB_20120810", "TransactWriteItems", Class::Database),
            ("DynamoDB_20120810", "Query", Class::Read),
            ("AmazonSQS", "SendMessage", Class::Write),
            ("stripe", "GET /v1/refunds", Class::Read),
            ("stripe", "POST /v1/refunds", Class::Write),
        ];
        for (service, operation, class) in table {
            assert_eq!(Class::of(service, operation), class, "{service} {operation}");
        }
    }

    #[test]
    fn a_conflict_of_a_transaction_tells_a_reason_for_each_part() {
        let Fate::Answer(400, body) = conflict("TransactWriteItems", 3) else { panic!("no answer") };
        assert_eq!(body["CancellationReasons"].as_array().unwrap().len(), 3);
        assert_eq!(body["CancellationReasons"][0]["Code"], "TransactionConflict");
    }
}
