//! Who decides what becomes of a call, or of an event, on its way.

use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A call of a function, before it is passed on.
#[derive(Clone, Copy, Debug)]
pub struct Passage<'a> {
    /// The calling process; 0 when it does not tell.
    pub process: u32,
    /// The service as the wire names it (`DynamoDB_20120810`, `s3`), or the partner's name (`stripe`).
    pub service: &'a str,
    /// The operation, or the method and path of a REST call.
    pub operation: &'a str,
    /// The call's idempotency key; empty without one.
    pub key: &'a str,
    /// The body as it was sent.
    pub body: &'a [u8],
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It passes, and so does its answer.
    Pass,
    /// The connection is cut before anything was passed on.
    Refuse,
    /// It passes; the connection is cut before the answer.
    Lose,
    /// It is answered by the proxy: a status and a JSON body.
    Answer(u16, Value),
    /// It is neither passed on nor answered.
    Hang,
    /// It is passed on after this time, whoever still waits for the answer.
    Stall(Duration),
    /// It passes; the process that made it is killed before it hears of it.
    Kill,
}

/// An event on its way to a function.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The process that takes it.
    pub process: u32,
    /// The function's name.
    pub function: &'a str,
    /// The event as JSON.
    pub body: &'a [u8],
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The function gets it, and its answer is heard.
    Deliver,
    /// The function never sees it; whoever sent it hears of a failure.
    Fail,
    /// The function gets it twice, one after the other; its second answer is heard.
    Twice,
    /// The function does all it has to, and is killed before it can say so.
    Die,
    /// The function gets it after this time.
    Late(Duration),
    /// The gate is asked again after this time.
    Held(Duration),
}

/// What a call becomes before anything else becomes of it: how a program that is built otherwise would have made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Altered {
    /// The body; of a call to `DynamoDB` only, which is signed again.
    pub body: Vec<u8>,
    /// Whether the idempotency key is left out.
    pub keyless: bool,
}

/// Decides, and sees what became of it.
pub trait Gate: Send + Sync + 'static {
    /// Makes another call of it. Nothing is altered but where it is to be shown what a broken program would do.
    fn alter(&self, _passage: &Passage<'_>) -> Option<Altered> {
        None
    }
    /// A call is about to be passed on.
    fn call(&self, passage: &Passage<'_>) -> Fate;
    /// A call was passed on and answered, whether or not the caller is to hear of it.
    fn answered(&self, passage: &Passage<'_>, status: u16, answer: &[u8]);
    /// An event is about to be delivered.
    fn event(&self, event: &Event<'_>) -> Turn;
    /// The process has answered its event, or has died of it.
    fn finished(&self, process: u32);
}

/// Lets everything pass. With it, as with any gate, a task that waits for a token hears that its function has died: the local
/// AWS does not tell it, and the order would wait for hours.
#[derive(Clone, Copy, Debug, Default)]
pub struct Open;

impl Gate for Open {
    fn call(&self, _passage: &Passage<'_>) -> Fate {
        Fate::Pass
    }

    fn answered(&self, _passage: &Passage<'_>, _status: u16, _answer: &[u8]) {}

    fn event(&self, _event: &Event<'_>) -> Turn {
        Turn::Deliver
    }

    fn finished(&self, _process: u32) {}
}

/// Kills a process of the local AWS at once; it told us its id itself and is waiting for us.
pub(super) fn kill(process: u32) {
    if process == 0 {
        return;
    }
    let mut command = Command::new("kill");
    command.args(["-KILL", &process.to_string()]);
    // A process that has ended meanwhile is as dead as it was to be.
    let _ended = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}
