//! What the sweeper makes of an order, over memory.

#[cfg(test)]
mod clock;
#[cfg(test)]
mod reserved;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod standstill;
