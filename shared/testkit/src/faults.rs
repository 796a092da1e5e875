//! Failures on demand: the nth call of a port fails, before or after it has done its work.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use waybill_domain::ports::{PartnerError, StoreError};

/// How a call fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Somebody else was first: nothing is done. (Of a partner: not available.)
    Conflict,
    /// Not available: nothing is done.
    Unavailable,
    /// Not available, as far as the caller can tell: it is done, and the answer is lost.
    AnswerLost,
    /// A partner says no, with this code: nothing is done. (Of a store: broken.)
    Refused(String),
}

/// A condition that a sabotaged store or partner does not keep: what a test of tests looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sabotage {
    /// Counters change, whether they have the units or not.
    Units,
    /// An event is stored, whether the order has changed since it was read or not.
    Version,
    /// Whoever claims an effect has it.
    Claims,
    /// A document is stored, whatever has happened since it was decided.
    Seen,
    /// The processor does again what it has done under a key.
    Keys,
    /// The workflow service starts what it has started under a name.
    Names,
}

/// A failure waiting for its call.
#[derive(Clone, Debug)]
struct Planned {
    /// Only calls of this name count; `None`: all do.
    call: Option<String>,
    /// How many of them are left, this one included.
    left: usize,
    trouble: Trouble,
}

#[derive(Debug, Default)]
struct Plan {
    calls: Vec<&'static str>,
    planned: Vec<Planned>,
    sabotaged: BTreeSet<Sabotage>,
}

/// The calls made so far, and the failures still to come. Clones share both.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

impl Faults {
    /// No failures.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next call of that name fails, once.
    pub fn fail_next(&self, call: &str, trouble: Trouble) {
        self.fail_nth(call, 1, trouble);
    }

    /// The `nth` call of that name from now fails, once; 1 is the next.
    pub fn fail_nth(&self, call: &str, nth: usize, trouble: Trouble) {
        self.plan().planned.push(Planned { call: Some(call.to_owned()), left: nth, trouble });
    }

    /// The `nth` call of any port from now fails, once; 1 is the next.
    pub fn fail_call(&self, nth: usize, trouble: Trouble) {
        self.plan().planned.push(Planned { call: None, left: nth, trouble });
    }

    /// From now on this condition is not kept by whoever has to keep it.
    pub fn sabotage(&self, condition: Sabotage) {
        self.plan().sabotaged.insert(condition);
    }

    /// Is this condition not kept?
    pub(crate) fn spares(&self, condition: Sabotage) -> bool {
        self.plan().sabotaged.contains(&condition)
    }

    /// The names of the calls made so far, in order, failed ones included.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.plan().calls.clone()
    }

    /// How many planned failures have not come yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.plan().planned.len()
    }

    /// Forgets calls and planned failures.
    pub fn clear(&self) {
        let mut plan = self.plan();
        (plan.calls, plan.planned) = (Vec::new(), Vec::new());
    }

    /// No failures and no calls, and the same conditions not kept.
    pub(crate) fn fresh(&self) -> Self {
        let sabotaged = self.plan().sabotaged.clone();
        Self(Arc::new(Mutex::new(Plan { sabotaged, ..Plan::default() })))
    }

    /// A call of a store's port.
    pub(crate) async fn store<T>(
        &self,
        call: &'static str,
        work: impl FnOnce() -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        give_way().await;
        let unavailable = || StoreError::Unavailable(format!("{call}: injected").into());
        match self.struck(call) {
            None => work(),
            Some(Trouble::Conflict) => Err(StoreError::Conflict),
            Some(Trouble::Unavailable) => Err(unavailable()),
            Some(Trouble::AnswerLost) => work().and_then(|_| Err(unavailable())),
            Some(Trouble::Refused(code)) => Err(StoreError::Broken(format!("{call}: {code}").into())),
        }
    }

    /// A call of a partner's port.
    pub(crate) async fn partner<T>(
        &self,
        call: &'static str,
        work: impl FnOnce() -> Result<T, PartnerError> + Send,
    ) -> Result<T, PartnerError> {
        give_way().await;
        let unavailable = || PartnerError::Unavailable(format!("{call}: injected").into());
        match self.struck(call) {
            None => work(),
            Some(Trouble::Conflict | Trouble::Unavailable) => Err(unavailable()),
            Some(Trouble::AnswerLost) => work().and_then(|_| Err(unavailable())),
            Some(Trouble::Refused(code)) => Err(PartnerError::Refused { code, message: "injected".to_owned() }),
        }
    }

    /// Notes the call; the failure it meets, if one was planned for it.
    fn struck(&self, call: &'static str) -> Option<Trouble> {
        let mut plan = self.plan();
        plan.calls.push(call);
        for planned in &mut plan.planned {
            if planned.call.as_deref().is_none_or(|name| name == call) {
                planned.left = planned.left.saturating_sub(1);
            }
        }
        let due = plan.planned.iter().position(|planned| planned.left == 0)?;
        Some(plan.planned.remove(due).trouble)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        locked(&self.0)
    }
}

/// What a mutex guards, also after a test that held it has failed.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy of what a mutex guards, behind one of its own.
pub(crate) fn copied<T: Clone>(mutex: &Mutex<T>) -> Arc<Mutex<T>> {
    Arc::new(Mutex::new(locked(mutex).clone()))
}

/// Lets the other tasks of the thread go on, once: a test that polls by hand may stop a call here, at every port call.
async fn give_way() {
    let mut gave_way = false;
    poll_fn(|context| {
        if gave_way {
            return Poll::Ready(());
        }
        gave_way = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs a future that waits for nothing but the ports of this crate: no runtime is needed.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block_on;

    fn call(faults: &Faults, name: &'static str) -> Result<u8, StoreError> {
        block_on(faults.store(name, || Ok(7)))
    }

    #[test]
    fn only_the_nth_call_of_that_name_fails_and_only_once() {
        let faults = Faults::new();
        faults.fail_nth("orders.load", 2, Trouble::Unavailable);
        let failed: Vec<bool> = ["orders.load", "orders.claim", "orders.load", "orders.load"]
            .map(|name| call(&faults, name).is_err())
            .to_vec();
        assert_eq!(failed, [false, false, true, false]);
        assert_eq!(faults.calls().len(), 4);
        assert_eq!(faults.pending(), 0);
    }

    #[test]
    fn a_lost_answer_is_of_a_call_that_was_done() {
        let faults = Faults::new();
        faults.fail_call(1, Trouble::AnswerLost);
        let mut done = false;
        let answer = block_on(faults.store("stock.free", || {
            done = true;
            Ok(())
        }));
        assert!(matches!(answer, Err(StoreError::Unavailable(_))));
        assert!(done);
    }
}
