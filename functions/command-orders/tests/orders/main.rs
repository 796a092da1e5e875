//! What people do to an order, over memory.

#[cfg(test)]
mod payments;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod staff;
#[cfg(test)]
mod stations;
