//! A wait for units keeps its token, and nothing else.

use waybill_domain::id::OrderId;
use waybill_domain::order::Wait;
use waybill_lambda::input::OrderWait;
use waybill_testkit::{Trouble, World, at, block_on, id, tenant};

fn order() -> OrderId {
    id("ord-00000000000000000000000000000001")
}

fn wait(world: &World, task_token: &str) -> Result<(), &'static str> {
    let input = OrderWait { tenant: tenant(), order_id: order(), task_token: task_token.to_owned() };
    block_on(await_stock::handle(&world.orders, input, at(1))).map(|_| ()).map_err(|halt| halt.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_kept_for_the_wait_for_units() {
        let world = World::new();
        wait(&world, "token-1").unwrap();
        assert_eq!(world.memory.tokens(&tenant(), &order()), [(Wait::Stock, "token-1".to_owned())]);
        assert_eq!(world.faults.calls(), ["orders.keep_token"], "one write, and nothing is read");
    }

    #[test]
    fn a_token_kept_twice_is_one_and_two_tokens_are_two() {
        let world = World::new();
        for token in ["token-1", "token-1", "token-2"] {
            wait(&world, token).unwrap();
        }
        assert_eq!(world.memory.tokens(&tenant(), &order()).len(), 2);
    }

    #[test]
    fn a_token_that_could_not_be_kept_is_told_and_kept_at_the_next_try() {
        let world = World::new();
        world.faults.fail_next("orders.keep_token", Trouble::Unavailable);
        assert_eq!(wait(&world, "token-1"), Err("Transient"));
        assert!(world.memory.tokens(&tenant(), &order()).is_empty());
        world.faults.fail_next("orders.keep_token", Trouble::AnswerLost);
        assert_eq!(wait(&world, "token-1"), Err("Transient"));
        wait(&world, "token-1").unwrap();
        assert_eq!(world.memory.tokens(&tenant(), &order()).len(), 1);
    }

    #[test]
    fn the_longest_token_there_is_is_kept_whole() {
        let (world, long) = (World::new(), "x".repeat(2_048));
        wait(&world, &long).unwrap();
        assert_eq!(world.memory.tokens(&tenant(), &order()), [(Wait::Stock, long)]);
    }
}
