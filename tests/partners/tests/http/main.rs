//! The partners over real HTTP: every refusal, fault and webhook as a caller meets it.

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod control;
#[cfg(test)]
mod declines;
#[cfg(test)]
mod disputes;
#[cfg(test)]
mod easypost;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod reconciliation;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod stripe;
#[cfg(test)]
mod stripe_webhooks;
#[cfg(test)]
mod time;
#[cfg(test)]
mod tracking;
#[cfg(test)]
mod world;
