#![doc = include_str!("../README.md")]

mod desk;
mod differences;
mod give_back;
mod hear;
mod hold;
mod once;
mod take;

pub use desk::Desk;
pub use differences::differences;
