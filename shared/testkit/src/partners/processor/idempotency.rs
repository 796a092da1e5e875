//! Keys: asked again, the processor answers what it answered first, for 24 hours, whatever that was.

use super::books::Books;
use crate::partners::refused;
use jiff::{SignedDuration, Timestamp};
use waybill_domain::ports::{Authorized, Held, PartnerError, Returned};

/// How long a key is known.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A call that bears a key.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub call: &'static str,
    pub key: &'a str,
    /// All that was asked, in words.
    pub what: String,
}

/// What a call is answered with.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Authorized(Authorized),
    Held(Held),
    Returned(Returned),
    Done,
}

/// What was said to a key first.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Answered(Answer),
    Refused(String, String),
    /// A failure of the processor's own, which is kept and repeated too.
    Spoiled,
}

/// A key, and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    asked: String,
    at: Timestamp,
    said: Said,
}

fn other_call() -> PartnerError {
    refused("idempotency_error", "the key was used for another request")
}

impl Answer {
    pub fn authorized(self) -> Result<Authorized, PartnerError> {
        match self {
            Self::Authorized(answer) => Ok(answer),
            Self::Held(_) | Self::Returned(_) | Self::Done => Err(other_call()),
        }
    }

    pub fn held(self) -> Result<Held, PartnerError> {
        match self {
            Self::Held(held) => Ok(held),
            Self::Authorized(_) | Self::Returned(_) | Self::Done => Err(other_call()),
        }
    }

    pub fn returned(self) -> Result<Returned, PartnerError> {
        match self {
            Self::Returned(returned) => Ok(returned),
            Self::Authorized(_) | Self::Held(_) | Self::Done => Err(other_call()),
        }
    }
}

impl Books {
    /// What was said to the key before; for another request under it, a refusal.
    pub fn known(&self, call: &Asked<'_>) -> Result<Option<Said>, PartnerError> {
        let Some(kept) = self.keys.get(call.key).filter(|kept| self.now().duration_since(kept.at) < KEPT) else {
            return Ok(None);
        };
        if kept.asked != call.words() {
            return Err(other_call());
        }
        Ok(Some(kept.said.clone()))
    }

    /// Does `work` and keeps what is said.
    pub fn answer(
        &mut self,
        call: &Asked<'_>,
        work: impl FnOnce(&mut Self) -> Result<Answer, PartnerError>,
    ) -> Result<Answer, PartnerError> {
        let spoiled = self.spoiled.iter().position(|(name, _)| *name == call.call);
        let (said, answer) = match spoiled.map(|at| self.spoiled.remove(at)) {
            Some((_, done)) => {
                if done {
                    let _unheard = work(self);
                }
                (Said::Spoiled, Err(PartnerError::Unavailable(format!("{}: a 500", call.call).into())))
            }
            None => match work(self) {
                Ok(answer) => (Said::Answered(answer.clone()), Ok(answer)),
                Err(PartnerError::Refused { code, message }) => {
                    (Said::Refused(code.clone(), message.clone()), Err(PartnerError::Refused { code, message }))
                }
                Err(error @ (PartnerError::Unavailable(_) | PartnerError::Spent(_) | PartnerError::Broken(_))) => {
                    return Err(error);
                }
            },
        };
        let kept = Kept { asked: call.words(), at: self.now(), said };
        self.keys.insert(call.key.to_owned(), kept);
        answer
    }
}

impl Asked<'_> {
    fn words(&self) -> String {
        format!("{} {}", self.call, self.what)
    }
}
