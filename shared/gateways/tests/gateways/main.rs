//! The adapters, seen from outside: what they send, what they make of every answer, and what becomes of it.
#![cfg(test)]

mod easypost;
mod fixtures;
mod partners;
mod scripted;
mod stripe;
mod webhook;
