//! What is read of an order, over memory.

#[cfg(test)]
mod money;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod scene;
