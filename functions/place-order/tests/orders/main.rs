//! `POST /orders` over memory.

#[cfg(test)]
mod backorders;
#[cfg(test)]
mod door;
#[cfg(test)]
mod placing;
#[cfg(test)]
mod refusing;
