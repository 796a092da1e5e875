#![doc = include_str!("../README.md")]

mod easypost;
mod event;
mod http;
pub mod payment_webhook;
mod secret;
mod signed;
mod stripe;
pub mod webhook;

pub use easypost::EasyPost;
pub use http::SetupError;
pub use secret::{InvalidSecrets, PartnerSecrets, Secret};
pub use stripe::Stripe;
