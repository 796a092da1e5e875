//! Units that came are given to the orders that wait for them, over memory.

#[cfg(test)]
mod giving;
#[cfg(test)]
mod records;
#[cfg(test)]
mod scene;
