//! The loop behind queue consumers: every message is answered for, nothing is swallowed.

use crate::fault::Fault;
use crate::report::Invocation;
use crate::serve::now;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// Which order a message was about, if that came to light.
pub type Touched = Option<String>;

/// Serves a queue: a message that fails is reported by its id and comes back; the others are done.
/// What can never succeed ends in the dead-letter queue by redrive, not by silence. A message that would be begun late is put
/// off: it comes back like one that failed, instead of being in the middle of its effects when the function is ended.
///
/// # Errors
/// The runtime could not be reached.
pub async fn serve_messages(
    function: &str,
    handle: impl AsyncFn(SqsMessage, Timestamp) -> Result<Touched, Fault>,
) -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let invocation = Invocation::begin(function);
        let answered = one_by_one(event.payload.records, event.context.deadline, now, &handle).await;
        let failed = answered.response.batch_item_failures.len() - answered.put_off;
        invocation.end(None, &answered.orders, &outcome(failed, answered.put_off), failed > 0);
        Ok::<_, Error>(answered.response)
    }))
    .await
}

/// What became of a batch.
#[derive(Default)]
struct Answered {
    /// Which messages come back.
    response: SqsBatchResponse,
    orders: Vec<String>,
    /// How many of those that come back were not begun.
    put_off: usize,
}

async fn one_by_one(
    messages: Vec<SqsMessage>,
    deadline: u64,
    clock: impl Fn() -> Timestamp,
    handle: &impl AsyncFn(SqsMessage, Timestamp) -> Result<Touched, Fault>,
) -> Answered {
    let (begun, mut answered) = (clock(), Answered::default());
    for (number, message) in messages.into_iter().enumerate() {
        let id = message.message_id.clone().unwrap_or_default();
        let now = clock();
        // The first is begun whatever the clock says: or none ever would be.
        if number > 0 && !is_early(begun, deadline, now) {
            answered.put_off += 1;
            answered.response.add_failure(id);
            continue;
        }
        match Box::pin(handle(message, now)).await {
            Ok(touched) => answered.orders.extend(touched),
            Err(fault) => {
                tracing::warn!(message.id = id, fault = fault.name(), "message failed: {}", fault.chain());
                answered.response.add_failure(id);
            }
        }
    }
    answered
}

/// May another message be begun? In the first half of the time that there is, so that even a message that meets a slow
/// service has the other half to itself. `deadline` is when the function is ended, in milliseconds since 1970.
fn is_early(begun: Timestamp, deadline: u64, now: Timestamp) -> bool {
    let deadline = i64::try_from(deadline).ok().and_then(|deadline| Timestamp::from_millisecond(deadline).ok());
    let there_is = deadline.map_or(SignedDuration::MAX, |deadline| deadline.duration_since(begun));
    now.duration_since(begun) <= there_is / 2
}

fn outcome(failed: usize, put_off: usize) -> String {
    let told = [(failed, "failed"), (put_off, "put off")].into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
    if told.is_empty() { "done".to_owned() } else { told.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// A batch whose every message takes so many of the function's 30 seconds: which were done, and which come back.
    async fn batch(ids: &[&str], seconds: i64, deadline: u64) -> (Vec<String>, Vec<String>, usize) {
        let clock = Cell::new(Timestamp::from_second(1_000).unwrap());
        let message = |id: &&str| {
            let mut message = SqsMessage::default();
            message.message_id = Some((*id).to_owned());
            message
        };
        let handle = async |message: SqsMessage, now: Timestamp| {
            clock.set(now + SignedDuration::from_secs(seconds));
            if message.message_id.as_deref() == Some("bad") {
                return Err(Fault::Transient("it is bad".into()));
            }
            Ok(message.message_id)
        };
        let answered = one_by_one(ids.iter().map(message).collect(), deadline, || clock.get(), &handle).await;
        let back = answered.response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        (answered.orders, back, answered.put_off)
    }

    #[tokio::test]
    async fn a_message_is_begun_in_the_first_half_of_the_time_and_put_off_after_it() {
        let told = |done: &[&str], back: &[&str], put_off| {
            let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<String>>();
            (owned(done), owned(back), put_off)
        };
        let (ids, deadline) = (["a", "bad", "c", "d"], 1_030_000);
        assert_eq!(batch(&ids, 1, deadline).await, told(&["a", "c", "d"], &["bad"], 0));
        assert_eq!(batch(&ids, 7, deadline).await, told(&["a", "c"], &["bad", "d"], 1));
        assert_eq!(batch(&ids, 16, deadline).await, told(&["a"], &["bad", "c", "d"], 3));
        // A clock that is ahead, or no deadline that makes sense.
        assert_eq!(batch(&ids, 1, 900_000).await, told(&["a"], &["bad", "c", "d"], 3));
        assert_eq!(batch(&ids, 16, u64::MAX).await, told(&["a", "c", "d"], &["bad"], 0));
    }

    #[test]
    fn what_was_put_off_has_not_failed() {
        assert_eq!(outcome(0, 0), "done");
        assert_eq!(outcome(2, 0), "2 failed");
        assert_eq!(outcome(0, 3), "3 put off");
        assert_eq!(outcome(1, 3), "1 failed, 3 put off");
    }
}
