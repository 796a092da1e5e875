//! The rules of one order: laws over random lives, grids of state × command, and tables of amounts to the cent.

#[cfg(test)]
mod books;
#[cfg(test)]
mod chance;
#[cfg(test)]
mod declines;
#[cfg(test)]
mod grid_cart;
#[cfg(test)]
mod grid_money;
#[cfg(test)]
mod grid_outbox;
#[cfg(test)]
mod grid_people;
#[cfg(test)]
mod grid_stock;
#[cfg(test)]
mod grid_warehouse;
#[cfg(test)]
mod laws_history;
#[cfg(test)]
mod laws_money;
#[cfg(test)]
mod laws_processor;
#[cfg(test)]
mod laws_stock;
#[cfg(test)]
mod life;
#[cfg(test)]
mod mended;
#[cfg(test)]
mod mix;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod sale;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod world;
