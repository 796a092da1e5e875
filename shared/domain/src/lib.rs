#![doc = include_str!("../README.md")]

pub mod address;
pub mod catalog;
pub mod decline;
pub mod id;
pub mod ledger;
pub mod money;
pub mod order;
pub mod ports;
pub mod promise;
pub mod proof;
pub mod relay;
pub mod routing;
pub mod screening;
pub mod stock;
pub mod text;
