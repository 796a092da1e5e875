//! Records of counters, audited over memory.

#[cfg(test)]
mod claims;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod telling;
