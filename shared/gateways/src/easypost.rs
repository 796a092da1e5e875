//! EasyPost: labels of many carriers.

mod measure;
mod wire;

use crate::Secret;
use crate::http::{Failure, PATIENCE, SetupError, Trouble, Wire};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use waybill_domain::order::Label;
use waybill_domain::ports::{Labels, Offer, Parcel, PartnerError, Quoted};
use wire::{Announcement, Refund, Refusal, Shipment};

/// The label seller EasyPost.
#[derive(Clone, Debug)]
pub struct EasyPost {
    wire: Wire,
    api_key: Secret,
}

impl EasyPost {
    /// EasyPost at `base_url` (`https://api.easypost.com`), called with `api_key`.
    ///
    /// # Errors
    /// The address is none, or there is no TLS.
    pub fn new(base_url: &str, api_key: Secret) -> Result<Self, SetupError> {
        Ok(Self { wire: Wire::new("EasyPost", base_url, PATIENCE)?, api_key })
    }

    /// A call to a path below `/v2/shipments`.
    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, PartnerError> {
        let path = [&["v2", "shipments"], path].concat();
        let request = self.wire.request(method, &path, &[])?;
        Ok(request.basic_auth(self.api_key.reveal(), Some("")))
    }

    async fn call(&self, request: RequestBuilder) -> Result<Shipment, Failure<Refusal>> {
        self.wire.call(request).await
    }

    async fn retrieve(&self, id: &str) -> Result<Shipment, Failure<Refusal>> {
        self.call(self.request(Method::GET, &[id]).map_err(Failure::Other)?).await
    }
}

impl Labels for EasyPost {
    async fn quote(&self, parcel: &Parcel<'_>) -> Result<Quoted, PartnerError> {
        let request = self.request(Method::POST, &[])?.json(&Announcement::of(parcel)?);
        quoted(self.call(request).await.map_err(wire::sorted)?)
    }

    async fn find(&self, shipment_or_reference: &str) -> Result<Option<Quoted>, PartnerError> {
        match self.retrieve(shipment_or_reference).await {
            Ok(shipment) => quoted(shipment).map(Some),
            Err(Failure::Missing(_)) => Ok(None),
            Err(failure) => Err(wire::sorted(failure)),
        }
    }

    async fn buy(&self, shipment: &str, offer: &str) -> Result<Label, PartnerError> {
        let request = self.request(Method::POST, &[shipment, "buy"])?.json(&json!({"rate": {"id": offer}}));
        let bought = self.call(request).await.map_err(wire::sorted)?;
        bought.label()?.ok_or_else(|| nonsense("a purchase without a label"))
    }

    async fn refund(&self, shipment: &str) -> Result<(), PartnerError> {
        let request = self.request(Method::POST, &[shipment, "refund"])?;
        match self.call(request).await {
            Ok(answer) => answer.refund().given_back(),
            // EasyPost's word for "given back before" is not documented; the shipment itself is.
            Err(refused @ Failure::Refused { .. }) => {
                let truth = self.retrieve(shipment).await.map_err(wire::sorted)?;
                match truth.refund() {
                    Refund::GivenBack => Ok(()),
                    Refund::Rejected | Refund::None => Err(wire::sorted(refused)),
                }
            }
            Err(failure) => Err(wire::sorted(failure)),
        }
    }
}

fn quoted(shipment: Shipment) -> Result<Quoted, PartnerError> {
    let label = shipment.label()?;
    let offers = shipment.rates.iter().map(wire::Rate::offer).collect::<Result<Vec<Offer>, _>>()?;
    Ok(Quoted { shipment: shipment.id, offers, label })
}

fn nonsense(what: &'static str) -> PartnerError {
    Trouble::Nonsense("EasyPost", what).broken()
}
