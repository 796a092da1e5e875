//! Money is given back once, whatever fails, however often the message comes.

#[cfg(test)]
mod claims;
