//! Changes of stock counters, each a conditional update of one item.

use crate::keys::{number, text};
use crate::orders::ours;
use crate::stock::shelf;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use waybill_domain::id::TenantId;
use waybill_domain::ports::StoreError;
use waybill_domain::stock::{Change, Counter, Place, Shelf};

/// Whose counters change, by what, and when: every item that is touched tells its last change.
pub(crate) struct Ledger<'a> {
    pub(crate) table: &'a str,
    pub(crate) tenant: &'a TenantId,
    /// The event (`<order id>#<version>`) or the document.
    pub(crate) cause: String,
    pub(crate) at: Timestamp,
}

/// What a transaction does with one item of counters.
#[derive(Debug)]
pub(crate) struct Touch {
    pub(crate) change: Change,
    /// What its units must be for the change to make sense.
    pub(crate) seen: Option<i64>,
    /// What else the item says from now on.
    pub(crate) sets: Vec<(&'static str, AttributeValue)>,
    /// Are all the units to be there, none of them on the shards of a hot item?
    pub(crate) is_whole: bool,
}

impl From<Change> for Touch {
    fn from(change: Change) -> Self {
        Self { change, seen: None, sets: Vec::new(), is_whole: false }
    }
}

impl Touch {
    /// An item that is looked at only, so far.
    pub(crate) fn of(shelf: Shelf) -> Self {
        Change { shelf, deltas: Vec::new(), guards: Vec::new(), is_single: false }.into()
    }

    /// The counter that tells how many units there are.
    pub(crate) fn units(&self) -> Counter {
        match &self.change.shelf.place {
            Place::Announced(_) => Counter::Remaining,
            Place::Network | Place::Site(_) | Place::Stow(..) => Counter::OnHand,
        }
    }

    fn is_a_look(&self) -> bool {
        self.change.deltas.is_empty() && self.sets.is_empty()
    }
}

/// Names, values and conditions of an expression. Every name is an alias: some are reserved words.
#[derive(Default)]
struct Terms {
    names: BTreeMap<String, &'static str>,
    values: BTreeMap<String, AttributeValue>,
    conditions: Vec<String>,
}

impl Terms {
    fn name(&mut self, name: &'static str) -> String {
        let alias = format!("#{name}");
        self.names.insert(alias.clone(), name);
        alias
    }

    fn value(&mut self, placeholder: String, value: AttributeValue) -> String {
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// One comparison per guarded counter: conditions cannot do arithmetic, so the compared number is stored.
    fn guard(&mut self, touch: &Touch) {
        for (counter, least) in &touch.change.guards {
            let (name, own) = (self.name(counter.name()), format!(":least_{}", counter.name()));
            let least = self.value(own, number(least));
            self.conditions.push([&name, " >= ", &least].concat());
        }
        if touch.is_whole {
            let name = self.name("shards");
            self.conditions.push(format!("attribute_not_exists({name})"));
        }
        let is = touch.seen.map(|units| (touch.units(), ":seen", units));
        let single = touch.change.is_single.then_some((Counter::OnHand, ":zero", 0));
        for (counter, placeholder, units) in is.into_iter().chain(single) {
            let name = self.name(counter.name());
            let value = self.value(placeholder.to_owned(), number(units));
            let equal = [&name, " = ", &value].concat();
            let absent = || format!("(attribute_not_exists({name}) OR {equal})");
            self.conditions.push(if units == 0 { absent() } else { equal });
        }
    }

    fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }
}

impl Ledger<'_> {
    /// The change of one item: `ADD` of every counter on its conditions, and its cause beside it. Where a condition fails,
    /// the item as it is comes back.
    pub(crate) fn write(&self, touch: &Touch) -> Result<TransactWriteItem, StoreError> {
        let mut terms = Terms::default();
        terms.guard(touch);
        if touch.is_a_look() {
            return self.look(touch, terms);
        }
        let own = [("cause", text(&self.cause)), ("moved_at", text(self.at.to_string()))];
        let mut sets = Vec::new();
        for (name, value) in own.into_iter().chain(touch.sets.iter().cloned()) {
            let (alias, value) = (terms.name(name), terms.value(format!(":{name}"), value));
            sets.push([&alias, " = ", &value].concat());
        }
        let mut adds = Vec::new();
        for (counter, delta) in &touch.change.deltas {
            let name = counter.name();
            let (alias, value) = (terms.name(name), terms.value(format!(":{name}"), number(delta)));
            adds.push([&alias, " ", &value].concat());
        }
        let add = if adds.is_empty() { String::new() } else { format!(" ADD {}", adds.join(", ")) };
        let update = Update::builder()
            .table_name(self.table)
            .set_key(Some(shelf::key(self.tenant, &touch.change.shelf)))
            .update_expression(format!("SET {}{add}", sets.join(", ")))
            .set_condition_expression(terms.condition())
            .set_expression_attribute_names(Some(names(&terms)))
            .set_expression_attribute_values(Some(terms.values.into_iter().collect()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(TransactWriteItem::builder().update(update.build().map_err(ours)?).build())
    }

    /// An item that stays as it is, if it is as it was seen.
    fn look(&self, touch: &Touch, terms: Terms) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(self.table)
            .set_key(Some(shelf::key(self.tenant, &touch.change.shelf)))
            .set_condition_expression(terms.condition())
            .set_expression_attribute_names(Some(names(&terms)))
            .set_expression_attribute_values(Some(terms.values.into_iter().collect()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(TransactWriteItem::builder().condition_check(check.build().map_err(ours)?).build())
    }
}

fn names(terms: &Terms) -> std::collections::HashMap<String, String> {
    terms.names.iter().map(|(alias, name)| (alias.clone(), (*name).to_owned())).collect()
}
