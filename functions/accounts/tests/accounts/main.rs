//! Accounts over memory.

#[cfg(test)]
mod adjusting;
#[cfg(test)]
mod door;
