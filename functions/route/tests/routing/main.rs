//! Sites are chosen, units named, and what is not there is waited for, over memory.

#[cfg(test)]
mod choosing;
#[cfg(test)]
mod lapsed;
#[cfg(test)]
mod lost;
#[cfg(test)]
mod lots;
#[cfg(test)]
mod scene;
