//! Pairs of calls at once, at every switch there is; and every event several times, in any order.
//!
//! | Part | Is |
//! |---|---|
//! | `schedule` | two calls polled by hand, from one port call to the next |
//! | `ground`, `calls` | what a pair begins with; the functions' own `handle` |
//! | `state`, `judge` | what is left in the end; what must hold then |
//! | `pair` | every schedule of a pair, held against one order and the other |
//! | `pairs` | the pairs |
//! | `caught` | the same with a condition that is not kept |
//! | `audited` | what the self-audit of stock makes of all changes of counters |
//! | `permuted` | whole orders, with every delivery five times and in any order |

#[cfg(test)]
mod audited;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod caught;
#[cfg(test)]
mod ground;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod pair;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod permuted;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod state;
