//! Every difference between our books and the processor's is found, told once, and nothing else is.

#[cfg(test)]
mod comparing;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod stocking;
