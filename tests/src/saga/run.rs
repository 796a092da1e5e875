//! Everything together, one step after the other, until nothing moves any more. Nothing is left to chance.

use super::disturbance::Disturbance;
use super::execution::{Execution, Failure, Surroundings};
use super::people;
use super::scenario::{CancelAt, Scenario};
use super::shuffled::{Bag, News};
use super::supply::{self, Supply};
use crate::asl::Machine;
use crate::repository::Result;
use crate::stages::{Invoke, visit};
use relay::{Change, Pace, Record, Relay, StreamEvent};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{Answer, Order, Wait};
use waybill_domain::ports::Watch;
use waybill_domain::stock::{Counter, Shelf};
use waybill_lambda::Stage;
use waybill_testkit::{MemoryOrders, MemoryQueues, MemoryWorkflows, Trouble, World, at, block_on, tenant};

/// Steps after which a run is taken for one that never ends.
const MOST_STEPS: usize = 5_000;
/// How often the sweeper comes when nothing else moves: an overdue payment takes a look per retry, and one to be done with.
const SWEEPS: u32 = 5;
/// How often anybody repeats a call that was not answered.
pub(super) const TRIES: u32 = 6;

/// The world an execution's functions run in, and what goes wrong there.
#[derive(Debug)]
pub(super) struct Ground {
    pub world: World,
    pub disturbance: Disturbance,
    pub mended: bool,
    pub clock: i64,
    pub order: Option<OrderId>,
    /// The stages invoked, in order.
    pub invoked: Vec<Stage>,
    /// Webhooks on their way.
    pub news: Vec<News>,
    /// Waits that were looked at.
    waits: Vec<String>,
    tokens: usize,
    /// The order as it was after so many calls of ports: reading it is most of a run's work.
    read: RefCell<(usize, Option<Rc<Order>>)>,
}

/// One run of a scenario with one disturbance.
#[derive(Debug)]
pub struct Run<'m> {
    machine: &'m Machine,
    pub(super) scenario: Scenario,
    pub(super) ground: Ground,
    pub(super) executions: Vec<Execution>,
    pub(super) relay: Relay<MemoryOrders, MemoryWorkflows, MemoryQueues>,
    pub(super) runtime: tokio::runtime::Runtime,
    /// Records of the stream so far.
    pub(super) records: usize,
    /// Network-wide counters, as the stock table's stream showed them last.
    pub(super) networks: supply::Networks,
    relayed_events: usize,
    relayed_tokens: Vec<(Wait, String)>,
    pub(super) people: people::Diary,
    /// A failure struck while a message was being sent: it may have been sent twice.
    pub(super) mail_in_doubt: bool,
    /// The stock before.
    pub(super) stock: BTreeMap<(TenantId, Shelf, Counter), i64>,
    /// What is on its way, where every delivery comes several times and in any order.
    pub(super) bag: Option<Bag>,
    /// What should not have happened on the way.
    pub(super) complaints: Vec<String>,
}

impl Surroundings for Ground {
    fn invoke(&mut self, stage: Stage, payload: Value) -> std::result::Result<Value, Failure> {
        self.pass(1);
        self.invoked.push(stage);
        let number = self.invoked.len();
        if self.disturbance == Disturbance::CancelledBefore(number) {
            people::call_off(self);
        }
        if let Some(failure) = self.disturbance.stops(stage, number).filter(|_| !self.mended) {
            return Err(failure);
        }
        if self.disturbance == Disturbance::After(number) {
            let _lost = self.run(stage, payload);
            return Err(Failure::new("Lambda.Unknown", "injected"));
        }
        if [Disturbance::Twice(number), Disturbance::AllTwice].contains(&self.disturbance) {
            let _first = self.run(stage, payload.clone());
        }
        if let Disturbance::Partner(call) = self.disturbance
            && !self.mended
            && self.world.faults.pending() == 0
        {
            self.world.faults.fail_next(call, Trouble::Refused("injected".to_owned()));
        }
        self.run(stage, payload)
    }

    fn token(&mut self) -> String {
        self.tokens += 1;
        format!("token-{}", self.tokens)
    }

    fn answer(&self, token: &str) -> Option<Answer> {
        self.world.workflows.answer(token)
    }

    fn is_late(&mut self, token: &str) -> bool {
        if self.waits.iter().any(|known| known == token) {
            return false;
        }
        self.waits.push(token.to_owned());
        self.disturbance == Disturbance::Late(self.waits.len())
    }

    fn pass(&mut self, seconds: i64) {
        self.clock += seconds;
        // Money that is held lapses by the processor's clock.
        self.world.processor.set_clock(at(self.clock));
    }
}

impl Ground {
    fn run(&self, stage: Stage, payload: Value) -> std::result::Result<Value, Failure> {
        let answer = visit(&self.world, stage, at(self.clock), Invoke(payload));
        answer.map_err(|halt| Failure::new(halt.name(), halt.chain()))
    }

    /// Does every delivery come several times, in any order?
    pub fn is_shuffled(&self) -> bool {
        matches!(self.disturbance, Disturbance::Shuffled(_))
    }

    /// The order as it is stored.
    pub fn stored(&self) -> Option<Rc<Order>> {
        let calls = self.world.faults.calls().len();
        let mut read = self.read.borrow_mut();
        if read.0 != calls || read.1.is_none() {
            *read = (calls, self.world.memory.order(&tenant(), self.order.as_ref()?).map(Rc::new));
        }
        read.1.clone()
    }
}

impl<'m> Run<'m> {
    /// About to begin.
    ///
    /// # Errors
    /// No runtime.
    pub fn new(machine: &'m Machine, scenario: Scenario, disturbance: Disturbance) -> Result<Self> {
        let world = scenario.world();
        if let Disturbance::Call(number, trouble) = &disturbance {
            world.faults.fail_call(*number, trouble.clone());
        }
        let relay = Relay {
            orders: world.orders.clone(),
            workflows: world.workflows.clone(),
            queues: world.queues.clone(),
            pace: Pace::new(u32::MAX, 1),
        };
        let bag = if let Disturbance::Shuffled(seed) = disturbance { Some(Bag::new(seed)) } else { None };
        let (stock, networks) = (world.memory.counters(), supply::networks(&world));
        let ground = Ground {
            world,
            disturbance,
            mended: false,
            clock: 0,
            order: None,
            invoked: Vec::new(),
            news: Vec::new(),
            waits: Vec::new(),
            tokens: 0,
            read: RefCell::default(),
        };
        Ok(Self {
            machine,
            scenario,
            ground,
            executions: Vec::new(),
            relay,
            runtime: tokio::runtime::Builder::new_current_thread().enable_time().build()?,
            records: 0,
            networks,
            relayed_events: 0,
            relayed_tokens: Vec::new(),
            people: people::Diary::default(),
            mail_in_doubt: false,
            stock,
            bag,
            complaints: Vec::new(),
        })
    }

    /// Places the order and goes on until nothing moves any more.
    pub fn go(&mut self) {
        let Scenario { body, is_of_channel, .. } = &self.scenario;
        let placed =
            if *is_of_channel { people::import(&self.ground, body) } else { people::place(&self.ground, body) };
        match placed {
            Ok(id) => self.ground.order = Some(id),
            Err(problem) => self.complaints.push(format!("not placed: {problem}")),
        }
        if self.scenario.script.cancel == Some(CancelAt::Once) {
            self.people();
        }
        if self.scenario.script.supply == Supply::Lost {
            supply::lose(&self.ground, &mut self.people, "lost");
        }
        self.settle();
    }

    /// What went wrong for good is mended: staff retry every exception that can be, and it goes on.
    pub fn mend(&mut self) {
        self.ground.mended = true;
        self.ground.world.faults.clear();
        self.ground.read.take();
        people::retry_exceptions(&mut self.ground, &mut self.people);
        self.settle();
    }

    /// What was counted: invocations, calls of ports, records of the stream, waits.
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        let calls = self.ground.world.faults.calls().len();
        [self.ground.invoked.len(), calls, self.records, self.ground.waits.len()]
    }

    /// What should not have happened on the way.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let turned_away = self.people.turned_away.iter().map(|problem| format!("somebody was turned away: {problem}"));
        self.complaints.iter().cloned().chain(turned_away).collect()
    }

    /// What it ran in.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.ground.world
    }

    /// The order as it is stored.
    #[must_use]
    pub fn order(&self) -> Option<Rc<Order>> {
        self.ground.stored()
    }

    /// The calls of ports, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.ground.world.faults.calls()
    }

    /// The stages invoked.
    #[must_use]
    pub fn invoked(&self) -> &[Stage] {
        &self.ground.invoked
    }

    fn settle(&mut self) {
        let mut sweeps = 0;
        for _ in 0..MOST_STEPS {
            if self.bag.is_some() && self.shuffled() {
                continue;
            }
            let moved = self.relay() | self.start() | self.work() | self.notify() | self.give_back() | self.fill();
            let eager = self.scenario.script.eager && self.people();
            if moved || eager || self.people() {
                continue;
            }
            if self.wait_for_the_clock() {
                continue;
            }
            if self.is_done_with() || sweeps == SWEEPS {
                return;
            }
            self.sweep(sweeps);
            sweeps += 1;
        }
        self.complaints.push(format!("goes on for more than {MOST_STEPS} steps"));
    }

    /// Is nothing left to happen, and nobody going to look any more?
    fn is_done_with(&self) -> bool {
        let over = self.executions.iter().all(|execution| execution.ended().is_some());
        let finished = self.ground.stored().is_some_and(|order| order.is_finished());
        over && finished && !self.is_watched()
    }

    /// Will the sweeper ever look again?
    pub(super) fn is_watched(&self) -> bool {
        let far = at(self.ground.clock + 100_000_000);
        // A failure may still be planned for this very call; it comes once.
        let mut asked = (0..2).map(|_| block_on(self.ground.world.orders.due(far, 1)));
        asked.find_map(std::result::Result::ok).is_some_and(|due| !due.is_empty())
    }

    pub(super) fn people(&mut self) -> bool {
        people::act(&mut self.ground, &mut self.people, self.scenario.script)
    }

    /// Hands new records of the stream to the relay; the batch comes again until it is taken.
    fn relay(&mut self) -> bool {
        let records = self.new_records();
        if records.is_empty() {
            return false;
        }
        let times = if self.ground.disturbance == Disturbance::RelayedTwice { 2 } else { 1 };
        for _ in 0..times {
            self.take(&records);
        }
        true
    }

    /// The relay takes a batch.
    pub(super) fn take(&mut self, records: &[Record]) {
        let batch = || StreamEvent { records: records.to_vec() };
        let taken = (0..TRIES).any(|_| self.runtime.block_on(relay::handle(&self.relay, batch())).is_ok());
        if !taken {
            self.complaints.push("the relay does not take a batch".to_owned());
        }
    }

    /// What the orders table's stream shows since the last time, as the event source's filters let it pass.
    pub(super) fn new_records(&mut self) -> Vec<Record> {
        let Some(order) = self.ground.stored() else { return Vec::new() };
        let pk = format!("T#{}#ORDER#{}", order.tenant, order.id);
        let record = |sk: String, image: Value| Record {
            dynamodb: Change { keys: json!({"pk": {"S": pk}, "sk": {"S": sk}}), new_image: image },
        };
        let mut records = Vec::new();
        for event in &order.history()[self.relayed_events..] {
            let body = serde_json::to_string(event).unwrap_or_default();
            records.push(record(format!("EVENT#{:06}", event.version), json!({"body": {"S": body}})));
        }
        self.relayed_events = order.history().len();
        for token in self.ground.world.memory.tokens(&order.tenant, &order.id) {
            if !self.relayed_tokens.contains(&token) {
                records.push(record(format!("TOKEN#{}#{}", token.0.key(), self.relayed_tokens.len()), json!({})));
                self.relayed_tokens.push(token);
            }
        }
        let first = self.records + 1;
        self.records += records.len();
        if let Disturbance::Lost(number) = self.ground.disturbance
            && (first..=self.records).contains(&number)
        {
            records.remove(number - first);
        }
        records
    }

    /// Begins the executions that were started.
    pub(super) fn start(&mut self) -> bool {
        let started = self.ground.world.workflows.started();
        let new = started.into_iter().skip(self.executions.len());
        let new: Vec<Execution> = new.map(|started| Execution::new(self.machine, started)).collect();
        let any = !new.is_empty();
        self.executions.extend(new);
        any
    }

    /// One step of the first execution that can go one.
    pub(super) fn work(&mut self) -> bool {
        let (machine, ground) = (self.machine, &mut self.ground);
        self.executions.iter_mut().any(|execution| execution.step(machine, ground))
    }
}
