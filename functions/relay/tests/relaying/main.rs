//! What a committed event makes the outside do, over memory.

#[cfg(test)]
mod effects;
