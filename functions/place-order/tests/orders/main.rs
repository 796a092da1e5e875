//! `POST /orders` over memory.

#[cfg(test)]
mod door;
#[cfg(test)]
mod placing;
#[cfg(test)]
mod refusing;
