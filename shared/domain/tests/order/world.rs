//! An order's ledger against the processor's own books: kept here a second time, as plain integers, by other rules.

use crate::books::{Booked, Books, Random};
use crate::sample::{begin, label, packing, site_per_line, start, units};
use jiff::{SignedDuration, Timestamp};
use waybill_domain::ledger::{Account, Posting, is_balanced};
use waybill_domain::money::Money;
use waybill_domain::order::{
    Actor, CancelReason, Decided, NewHold, Order, PartStatus, PickedLine, Placed, RefundPart, RefundWish,
    ShipmentStatus, Wanted,
};
use waybill_domain::ports::{DisputeStatus, Disputed};
use waybill_domain::screening::Verdict;

/// What disagrees, in words.
pub type Checked = Result<(), String>;

/// An order, its ledger added up entry by entry, and the books it has to agree with.
#[derive(Clone)]
pub struct World {
    pub order: Order,
    ledger: [i64; Account::ALL.len()],
    books: Books,
    now: Timestamp,
    /// What was recorded, for a person to read; kept only where it is asked for.
    pub said: Option<Vec<String>>,
}

impl World {
    pub fn new(placed: Placed) -> Self {
        let order = begin(placed);
        let ledger = [0; Account::ALL.len()];
        let mut world = Self { order, ledger, books: Books::default(), now: start(), said: None };
        world.post(&world.order.history()[0].postings.clone());
        world.take(world.order.decide_screened(Verdict::Pass, vec![])).unwrap();
        world
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.order.placed.currency())
    }

    fn on(&self, account: Account) -> i64 {
        self.ledger[Account::ALL.iter().position(|other| *other == account).unwrap()]
    }

    /// Records what was decided; the books have to agree after it.
    fn take(&mut self, decided: Decided) -> Checked {
        self.now += SignedDuration::from_mins(1);
        let draft = decided.map_err(|rejection| format!("refused: {rejection}"))?;
        let Some(draft) = draft else { return Ok(()) };
        if !is_balanced(&draft.postings) {
            return Err(format!("{draft:?} does not balance"));
        }
        self.post(&draft.postings);
        if let Some(said) = &mut self.said {
            said.push(format!("{:?} {:?}", draft.event, draft.postings));
        }
        self.order = self.order.record(draft, self.now, Actor("test".to_owned()), None).0;
        Ok(())
    }

    fn post(&mut self, postings: &[Posting]) {
        for posting in postings {
            let at = Account::ALL.iter().position(|account| *account == posting.account).unwrap();
            self.ledger[at] += posting.amount.minor();
        }
    }

    /// Told twice, as an answer that was lost: the second time is no news, or refused by name.
    fn tell(&mut self, decide: impl Fn(&Order) -> Decided) -> Checked {
        self.take(decide(&self.order))?;
        match decide(&self.order) {
            Ok(Some(draft)) => Err(format!("told again, it is news again: {:?}", draft.event)),
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// The order's own proof holds, and says what was added up here.
    pub fn is_proven(&self) -> Checked {
        let proof = self.order.proof().map_err(|error| error.to_string())?;
        let differs = proof.balances.iter().find(|(account, balance)| self.on(*account) != balance.minor());
        match (proof.differences().first(), differs) {
            (None, None) => Ok(()),
            (said, differs) => Err(format!("{said:?} {differs:?}")),
        }
    }

    pub fn agrees(&self) -> Checked {
        let sum = |of: &dyn Fn(&Booked) -> i64| self.books.payments.iter().map(of).sum::<i64>();
        let held = sum(&Booked::capturable);
        let cash = sum(&|payment| if payment.processor { payment.left() } else { 0 }) - self.books.fees;
        let credit = sum(&|payment| if payment.processor { 0 } else { payment.left() });
        let checks = [
            (Account::Authorizations, held),
            (Account::AuthorizationsHeld, -held),
            (Account::CashAtProcessor, cash),
            (Account::StoreCredit, credit),
            (Account::Chargebacks, sum(&|payment| payment.withdrawn)),
            (Account::Fees, self.books.fees),
        ];
        for (account, booked) in checks {
            if self.on(account) != booked {
                return Err(format!("{} is {} here and {booked} there", account.name(), self.on(account)));
            }
        }
        Ok(())
    }
}

/// What happens: at the processor first, then told to the order.
impl World {
    fn authorize(&mut self, random: &mut Random) -> Checked {
        let Some(wanted) = self.order.to_authorize(self.now).unwrap().filter(|_| !self.order.is_cancelled()) else {
            return Ok(());
        };
        let (tender, effect, now) = (wanted.tender, wanted.effect.clone(), self.now);
        if random.below(6) == 0 {
            let code = random.one_of(&["insufficient_funds", "generic_decline", "stolen_card"]).unwrap();
            return self.tell(|order| order.decide_declined(tender, &effect, (*code).to_owned(), now));
        }
        let less = if random.below(8) == 0 { random.amount(wanted.amount.minor()) / 2 } else { 0 };
        self.hold(&wanted, less)
    }

    fn hold(&mut self, wanted: &Wanted, less: i64) -> Checked {
        let processor = wanted.with.is_processed();
        let held = wanted.amount.minor() - if processor { less } else { 0 };
        let (tender, reference) = (wanted.tender, format!("pi_{}", self.books.payments.len()));
        let booked = Booked { reference: reference.clone(), processor, held, open: true, ..Booked::default() };
        self.books.payments.push(booked);
        let answer = NewHold { amount: self.money(held), reference, elevated_risk: false, expires_at: None };
        self.tell(|order| order.decide_authorized(tender, answer.clone()))
    }

    /// All that is wanted is held.
    pub fn authorize_all(&mut self) {
        while let Some(wanted) = self.order.to_authorize(self.now).unwrap() {
            self.hold(&wanted, 0).unwrap();
        }
    }

    fn let_go(&mut self) -> Checked {
        for hold in self.order.unneeded_holds().unwrap() {
            self.booked(&hold.reference).open = false;
            self.tell(|order| order.decide_voided(&hold.reference))?;
        }
        Ok(())
    }

    fn lapse(&mut self, random: &mut Random) -> Checked {
        let Some(at) = self.payment(random, |payment| payment.open) else { return Ok(()) };
        self.books.payments[at].open = false;
        let reference = self.books.payments[at].reference.clone();
        self.tell(|order| order.decide_lapsed(&reference))
    }

    /// A part is picked, short now and then, and leaves.
    pub fn ship(&mut self, random: &mut Random) -> Checked {
        if self.order.fulfillments.is_empty() {
            let shares = site_per_line(&self.order);
            let ready = self.order.payment.is_authorized() && !self.order.is_cancelled();
            return if ready { self.tell(|order| order.decide_routed(&shares)) } else { Ok(()) };
        }
        let open = self.order.fulfillments.iter().find(|part| part.is_before_hand_over());
        let Some(part) = open else { return Ok(()) };
        let (number, missing) = (part.number, random.below(4) == 0);
        let found = part.lines.iter().map(|line| {
            let lost = if missing { u32::try_from(random.below(u64::from(line.quantity) + 1)).unwrap() } else { 0 };
            PickedLine { line: line.line, picked: line.quantity - lost }
        });
        let found: Vec<PickedLine> = found.collect();
        self.take(self.order.decide_picked(number, found))?;
        if self.order.fulfillment(number).unwrap().is_dropped() {
            return Ok(());
        }
        self.take(self.order.decide_packed(number, packing()))?;
        self.take(self.order.decide_labeled(number, label(number)))?;
        self.take(self.order.decide_handed_over(number, "M-1".to_owned()))?;
        self.take(self.order.decide_dispatched(number))
    }

    fn capture(&mut self) -> Checked {
        let gone = self.order.fulfillments.iter().filter(|part| part.dispatched).map(|part| part.number);
        for number in gone.collect::<Vec<_>>() {
            for (tender, amount) in self.order.captures_wanted(number).unwrap() {
                let Some(hold) = self.order.payment.tender(tender).unwrap().hold() else { continue };
                let (reference, last) = (hold.reference.clone(), self.order.is_last_capture(number, tender));
                let payment = self.booked(&reference);
                // The processor refuses more than it holds: the hold has to be made anew.
                if payment.capturable() < amount.minor() {
                    continue;
                }
                payment.taken += amount.minor();
                payment.open = !last && payment.held > payment.taken;
                self.tell(|order| order.decide_captured(tender, Some(number), amount, &reference, last))?;
            }
        }
        Ok(())
    }

    /// Somebody takes all of a hold at the processor's own desk.
    fn capture_outside(&mut self, random: &mut Random) -> Checked {
        let fresh = |payment: &Booked| payment.open && payment.taken == 0;
        let Some(at) = self.payment(random, fresh) else { return Ok(()) };
        let payment = &mut self.books.payments[at];
        (payment.taken, payment.open) = (payment.held, false);
        let (reference, taken) = (payment.reference.clone(), payment.taken);
        let taken = self.money(taken);
        self.tell(|order| order.decide_captured_outside(&reference, taken))
    }

    fn cancel(&mut self) -> Checked {
        if self.order.has_left() || self.order.invoice.is_some() {
            return Ok(());
        }
        self.tell(|order| order.decide_cancelled(CancelReason::Customer, "asked for".to_owned()))
    }

    fn wish(&self, random: &mut Random) -> RefundWish {
        let (line, quantity) = (u16::try_from(random.below(2)).unwrap() + 1, u32::try_from(random.below(3)).unwrap());
        let amount = Some(self.money(random.amount(600)));
        match random.below(5) {
            0 => RefundWish { goodwill: amount, ..units(&[]) },
            1 => RefundWish { shipping: amount, ..units(&[]) },
            2 => RefundWish { overcharge: true, ..units(&[]) },
            _ => units(&[(line, quantity)]),
        }
    }

    /// Asked for within what is left; beyond it, refused by name.
    fn refund(&mut self, random: &mut Random) -> Checked {
        let wish = self.wish(random);
        let decided = self.order.decide_refund(&wish, None);
        if decided.is_err() { Ok(()) } else { self.take(decided) }
    }

    fn parts(&self, wanted: impl Fn(&PartStatus) -> bool) -> Vec<(u16, RefundPart, String)> {
        let refunds = self.order.payment.refunds.iter();
        let parts = refunds.flat_map(|known| known.parts.iter().map(move |(part, status)| (known, part, status)));
        let wanted = parts.filter(|(_, _, status)| wanted(status));
        wanted.map(|(known, part, _)| (known.refund.number, part.clone(), known.effect(part.number))).collect()
    }

    fn give_back(&mut self, random: &mut Random) -> Checked {
        let asked = self.parts(|status| *status == PartStatus::Requested);
        let Some((refund, part, effect)) = random.one_of(&asked).cloned() else { return Ok(()) };
        let payment = self.booked(&part.payment);
        let refused = payment.processor && (payment.left() < part.amount.minor() || random.below(4) == 0);
        if refused {
            let (code, no) = ("expired_card".to_owned(), String::new());
            return self.tell(|order| order.decide_refund_failed(refund, part.number, no.clone(), code.clone()));
        }
        payment.returned += part.amount.minor();
        self.tell(|order| order.decide_refunded(refund, part.number, format!("re-{effect}")))
    }

    /// What seemed given back comes back to the merchant.
    fn bounce(&mut self, random: &mut Random) -> Checked {
        let done = self.parts(|status| matches!(status, PartStatus::Done(_)));
        let Some((refund, part, effect)) = random.one_of(&done).cloned() else { return Ok(()) };
        let payment = self.booked(&part.payment);
        if !payment.processor {
            return Ok(());
        }
        payment.returned -= part.amount.minor();
        let (reference, code) = (format!("re-{effect}"), "declined".to_owned());
        self.tell(|order| order.decide_refund_failed(refund, part.number, reference.clone(), code.clone()))
    }

    fn retry(&mut self, random: &mut Random) -> Checked {
        let failed = self.parts(|status| *status == PartStatus::Failed);
        let Some((refund, ..)) = random.one_of(&failed).cloned() else { return Ok(()) };
        // What has been given back otherwise meanwhile may be refused.
        match self.order.decide_refund_retried(refund) {
            Ok(draft) => self.take(Ok(draft)),
            Err(_) => Ok(()),
        }
    }

    fn refund_outside(&mut self, random: &mut Random) -> Checked {
        let Some(at) = self.payment(random, |payment| payment.left() > 0) else { return Ok(()) };
        let minor = random.amount(self.books.payments[at].left());
        self.books.payments[at].returned += minor;
        self.books.outside_refunds += 1;
        let (payment, amount) = (self.books.payments[at].reference.clone(), self.money(minor));
        let reference = format!("re_outside_{}", self.books.outside_refunds);
        self.tell(|order| order.decide_refunded_outside(&payment, amount, &reference))
    }

    fn dispute(&mut self, random: &mut Random) -> Checked {
        let Some(at) = self.payment(random, |payment| payment.taken > 0) else { return Ok(()) };
        let minor = random.amount(self.books.payments[at].taken);
        self.books.payments[at].withdrawn += minor;
        self.books.fees += 15;
        self.books.disputes.push((at, minor, true));
        self.tell_dispute(self.books.disputes.len() - 1, DisputeStatus::Open)
    }

    fn close_dispute(&mut self, random: &mut Random) -> Checked {
        let Some(at) = (0..self.books.disputes.len()).find(|at| self.books.disputes[*at].2) else { return Ok(()) };
        let (payment, minor, _) = self.books.disputes[at];
        self.books.disputes[at].2 = false;
        let won = random.below(2) == 0;
        self.books.payments[payment].withdrawn -= if won { minor } else { 0 };
        self.tell_dispute(at, if won { DisputeStatus::Won } else { DisputeStatus::Lost })
    }

    fn tell_dispute(&mut self, at: usize, status: DisputeStatus) -> Checked {
        let (payment, minor, _) = self.books.disputes[at];
        let (reference, payment) = (format!("dp_{at}"), self.books.payments[payment].reference.clone());
        let (amount, fee, reason) = (self.money(minor), self.money(15), "fraudulent".to_owned());
        let seen = Disputed { reference, payment, amount, fee, reason, status, evidence_due: None };
        self.tell(|order| order.decide_disputed(&seen))
    }

    fn arrive(&mut self) -> Checked {
        let moving = |part: &&waybill_domain::order::Fulfillment| part.dispatched && !part.is_delivered();
        if let Some(number) = self.order.fulfillments.iter().find(moving).map(|part| part.number) {
            let now = self.now;
            self.tell(|order| order.decide_tracked(number, ShipmentStatus::Delivered, now))?;
        }
        if self.order.is_cancelled() { Ok(()) } else { self.tell(Order::decide_completed) }
    }

    fn timer(&mut self) -> Checked {
        let Some(at) = self.order.timer() else { return Ok(()) };
        self.now = self.now.max(at);
        self.take(self.order.decide_timer(self.now))
    }

    fn booked(&mut self, reference: &str) -> &mut Booked {
        self.books.payments.iter_mut().find(|payment| payment.reference == reference).unwrap()
    }

    /// One of the processor's payments, if one is such.
    fn payment(&self, random: &mut Random, such: impl Fn(&Booked) -> bool) -> Option<usize> {
        let ours = |at: &usize| self.books.payments[*at].processor && such(&self.books.payments[*at]);
        let all: Vec<usize> = (0..self.books.payments.len()).filter(ours).collect();
        random.one_of(&all).copied()
    }

    /// One thing happens, and the books agree after it.
    pub fn step(&mut self, random: &mut Random) -> Checked {
        self.happen(random)?;
        self.agrees()
    }

    fn happen(&mut self, random: &mut Random) -> Checked {
        match random.below(40) {
            0..=5 => self.authorize(random),
            6..=9 => self.ship(random),
            10..=13 => self.capture(),
            14..=18 => self.refund(random),
            19..=22 => self.give_back(random),
            23 | 24 => self.bounce(random),
            25 | 26 => self.retry(random),
            27 => self.cancel(),
            28 => self.lapse(random),
            29 => self.capture_outside(random),
            30 | 31 => self.refund_outside(random),
            32 | 33 => self.dispute(random),
            34 | 35 => self.close_dispute(random),
            36 => self.timer(),
            37 => self.arrive(),
            _ => self.let_go(),
        }
    }
}
