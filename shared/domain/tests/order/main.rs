//! The rules of one order: laws over random lives, and grids of state × command.

#[cfg(test)]
mod grid_cart;
#[cfg(test)]
mod grid_outbox;
#[cfg(test)]
mod grid_people;
#[cfg(test)]
mod grid_warehouse;
#[cfg(test)]
mod laws_history;
#[cfg(test)]
mod laws_money;
#[cfg(test)]
mod laws_stock;
#[cfg(test)]
mod life;
#[cfg(test)]
mod sale;
#[cfg(test)]
mod sample;
