//! News from the processor and returns from 3-D Secure: one effect, whatever comes when and how often.

#[cfg(test)]
mod door;
#[cfg(test)]
mod hearing;
#[cfg(test)]
mod returning;
#[cfg(test)]
mod scene;
