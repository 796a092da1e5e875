//! Every record of a stream, message of a queue and webhook several times, in an order made from a seed: the last copy of
//! one may come long after the order has gone on.

use super::people;
use super::run::{Run, TRIES};
use super::shopper;
use relay::Record;
use waybill_domain::id::Sku;
use waybill_domain::relay::{NoticeMessage, RefundMessage};
use waybill_gateways::payment_webhook::PaymentNews;
use waybill_gateways::webhook::CarrierNews;

/// How often each comes.
const TIMES: usize = 5;

/// A partner's webhook.
#[derive(Clone, Debug)]
pub(super) enum News {
    Carrier(CarrierNews),
    Payment(PaymentNews),
}

/// What comes.
#[derive(Clone, Debug)]
enum Delivery {
    /// A record of the orders table's stream.
    Event(Record),
    /// Counters of the stock table's stream: `available` and `fillable`.
    Counters(Sku, i64, i64),
    Notice(NoticeMessage),
    Refund(RefundMessage),
    News(News),
    /// The channel's message.
    Import,
}

/// Numbers that look random and are the same for the same seed: `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `below`; of none, 0.
    pub fn draw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed >> 33).unwrap_or(0) % below.max(1)
    }
}

/// What is on its way.
#[derive(Debug)]
pub(super) struct Bag {
    dice: Dice,
    inside: Vec<Delivery>,
    imported: bool,
}

impl Bag {
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), inside: Vec::new(), imported: false }
    }

    fn put(&mut self, delivery: Delivery) {
        self.inside.extend(std::iter::repeat_n(delivery, TIMES));
    }

    /// Any of those inside.
    fn take(&mut self) -> Option<Delivery> {
        let at = self.dice.draw(self.inside.len());
        (at < self.inside.len()).then(|| self.inside.swap_remove(at))
    }
}

impl Run<'_> {
    /// One thing happens: a delivery, a step of the workflow, or something that people do. `false`: nothing is on its way.
    pub(super) fn shuffled(&mut self) -> bool {
        self.gather();
        self.start();
        let Some(bag) = &mut self.bag else { return false };
        if bag.inside.is_empty() {
            return false;
        }
        let chance = bag.dice.draw(16);
        // One in sixteen: people do not wait for the last copy. A quarter: the workflow goes on.
        if chance == 0 && self.people() || (1..5).contains(&chance) && self.work() {
            return true;
        }
        if let Some(delivery) = self.bag.as_mut().and_then(Bag::take) {
            self.deliver(delivery);
        }
        true
    }

    /// What is new comes into the bag.
    fn gather(&mut self) {
        let mut new: Vec<Delivery> = self.new_records().into_iter().map(Delivery::Event).collect();
        let queues = &self.ground.world.queues;
        new.extend(queues.take_notices().into_iter().map(Delivery::Notice));
        new.extend(queues.take_refunds().into_iter().map(Delivery::Refund));
        new.extend(self.ground.news.drain(..).map(Delivery::News));
        new.extend(self.wanted().into_iter().map(|(sku, here, free)| Delivery::Counters(sku, here, free)));
        let Some(bag) = &mut self.bag else { return };
        if self.scenario.is_of_channel && !bag.imported {
            bag.imported = true;
            new.push(Delivery::Import);
        }
        for delivery in new {
            bag.put(delivery);
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Event(record) => self.take(&[record]),
            Delivery::Counters(sku, available, fillable) => self.give_out(&sku, available, fillable),
            Delivery::Notice(message) => {
                if !(0..TRIES).any(|_| self.send(&message)) {
                    self.complaints.push(format!("a customer is not told: {:?}", message.notice));
                }
            }
            Delivery::Refund(message) => {
                if !(0..TRIES).any(|_| self.refund(&message)) {
                    self.complaints.push(format!("refund {} is not given back", message.refund));
                }
            }
            Delivery::News(News::Carrier(news)) => self.people.hear(&self.ground, &news),
            Delivery::News(News::Payment(news)) => shopper::hear(&mut self.ground, &mut self.people, &news),
            Delivery::Import => {
                if let Err(problem) = people::import(&self.ground, &self.scenario.body) {
                    self.complaints.push(format!("the channel's message is not taken again: {problem}"));
                }
            }
        }
    }
}
