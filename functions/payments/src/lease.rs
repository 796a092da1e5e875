//! Calls that are done once per key, under a lease: its holder may die, and then the next one does it.

use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Begun, Requests};
use waybill_lambda::http::Problem;

/// How long a call may take before another one takes over: longer than this function's time-out.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// A call under its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a> {
    pub tenant: &'a TenantId,
    /// A digest of route and key.
    pub digest: &'a str,
    /// A digest of the body.
    pub body: &'a str,
}

/// What became of a call that is done once per key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leased<T> {
    /// Done now.
    Now(T),
    /// Done before: the answer, byte for byte.
    Before {
        /// HTTP status.
        status: u16,
        /// The body.
        answer: String,
    },
    /// Another call is doing it.
    Running,
    /// The key was used with another body.
    Reused,
}

/// Does `work` if nobody has done it or is doing it, and keeps its answer. A failure gives the key back.
pub(crate) async fn once<T>(
    requests: &impl Requests,
    call: Key<'_>,
    now: Timestamp,
    work: impl Future<Output = Result<T, Problem>> + Send,
    answer: impl Fn(&T) -> String + Send,
) -> Result<Leased<T>, Problem> {
    let Key { tenant, digest: key, body } = call;
    match requests.begin(tenant, key, body, LEASE, now).await? {
        Begun::Done { status, answer } => return Ok(Leased::Before { status, answer }),
        Begun::Running => return Ok(Leased::Running),
        Begun::Reused => return Ok(Leased::Reused),
        Begun::Ours => {}
    }
    match work.await {
        Ok(done) => {
            requests.finish(tenant, key, 200, &answer(&done), now).await?;
            Ok(Leased::Now(done))
        }
        Err(problem) => {
            // Not given back, the lease runs out by itself.
            if let Err(error) = requests.give_up(tenant, key).await {
                tracing::warn!("a lease was not given back: {error}");
            }
            Err(problem)
        }
    }
}
