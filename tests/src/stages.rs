//! Each stage bound to the function that is its decision, so that what is tested is the code's own types and doings.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use waybill_lambda::{Fault, Halt, Stage};
use waybill_testkit::{World, block_on};

/// Something to do with a stage's function, whatever its input and output.
pub trait Visit {
    /// What comes of it.
    type Out;

    /// Does it.
    fn visit<I, O, F>(self, handle: impl FnOnce(I) -> F) -> Self::Out
    where
        I: DeserializeOwned + Serialize,
        O: DeserializeOwned + Serialize,
        F: Future<Output = Result<O, Halt>>;
}

/// Shows `visitor` the function of `stage`, wired to `world`.
pub fn visit<V: Visit>(world: &World, stage: Stage, now: jiff::Timestamp, visitor: V) -> V::Out {
    let World { orders, stock, catalog, processor, labels, .. } = world;
    match stage {
        Stage::Screen => visitor.visit(|input| screen::handle(orders, catalog, input, now)),
        Stage::Authorize => visitor.visit(|input| authorize::handle(orders, processor, input, now)),
        Stage::AwaitPayment => visitor.visit(|input| await_payment::handle(orders, input, now)),
        Stage::Review => visitor.visit(|input| review::handle(orders, input, now)),
        Stage::Route => visitor.visit(|input| route::handle(orders, stock, catalog, input, now)),
        Stage::AwaitStock => visitor.visit(|input| await_stock::handle(orders, input, now)),
        Stage::Pick => visitor.visit(|input| pick::handle(orders, input, now)),
        Stage::Pack => visitor.visit(|input| pack::handle(orders, input, now)),
        Stage::Ship => visitor.visit(|input| ship::handle(orders, processor, catalog, labels, input, now)),
        Stage::HandOver => visitor.visit(|input| hand_over::handle(orders, input, now)),
        Stage::Dispatch => visitor.visit(|input| dispatch::handle(orders, processor, input, now)),
        Stage::Complete => visitor.visit(|input| complete::handle(orders, processor, input, now)),
        Stage::OpenException => visitor.visit(|input| open_exception::handle(orders, input, now)),
        Stage::Abandon => visitor.visit(|input| abandon::handle(orders, input, now)),
        Stage::VoidLabel => visitor.visit(|input| void_label::handle(orders, labels, input, now)),
        Stage::VoidPayment => visitor.visit(|input| void_payment::handle(orders, processor, input, now)),
        Stage::ReleaseStock => visitor.visit(|input| release_stock::handle(orders, input, now)),
    }
}

/// Runs the function, as its entry point does.
#[derive(Clone, Debug)]
pub struct Invoke(pub Value);

impl Visit for Invoke {
    type Out = Result<Value, Halt>;

    fn visit<I, O, F>(self, handle: impl FnOnce(I) -> F) -> Self::Out
    where
        I: DeserializeOwned + Serialize,
        O: DeserializeOwned + Serialize,
        F: Future<Output = Result<O, Halt>>,
    {
        let input = serde_json::from_value(self.0).map_err(|error| Fault::Malformed(error.into()))?;
        let output = block_on(handle(input))?;
        Ok(serde_json::to_value(output).map_err(|error| Fault::Defect(error.into()))?)
    }
}

/// Reads a payload and an answer as the function's own types and writes them again.
#[derive(Clone, Copy, Debug)]
pub struct Retold<'v> {
    /// What the function is sent.
    pub payload: &'v Value,
    /// What it answers.
    pub answer: &'v Value,
}

impl Visit for Retold<'_> {
    type Out = Result<(Value, Value), serde_json::Error>;

    fn visit<I, O, F>(self, _: impl FnOnce(I) -> F) -> Self::Out
    where
        I: DeserializeOwned + Serialize,
        O: DeserializeOwned + Serialize,
        F: Future<Output = Result<O, Halt>>,
    {
        let payload: I = serde_json::from_value(self.payload.clone())?;
        let answer: O = serde_json::from_value(self.answer.clone())?;
        Ok((serde_json::to_value(payload)?, serde_json::to_value(answer)?))
    }
}
