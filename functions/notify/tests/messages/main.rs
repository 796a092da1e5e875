//! The messages: what they say, and that each is sent once.

#[cfg(test)]
mod paying;
#[cfg(test)]
mod rendering;
#[cfg(test)]
mod sending;
