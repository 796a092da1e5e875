//! Stripe: PaymentIntents with manual capture, their refunds and their disputes.

mod amount;
mod dispute;
mod intent;
mod list;
mod notes;
mod refund;
mod refusal;

pub use dispute::is_inquiry;
pub use notes::owner;

use crate::Secret;
use crate::http::{Failure, PATIENCE, SetupError, Trouble, Wire};
use dispute::Dispute;
use intent::{Intent, Status};
use jiff::Timestamp;
use list::{LIMIT, Listed};
use refund::Refund;
use refusal::{Refusal, sorted};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::money::Money;
use waybill_domain::ports::{Authorized, Disputed, Held, Hold, Page, PartnerError, PaymentProcessor, Return, Returned};

/// The shape of answers depends on it, so it is not left to the account's setting. It is the first under which letting
/// go of a hold, or of the rest of one, makes no refund.
const VERSION: &str = "2025-03-31.basil";
/// How a card that asks for 3-D Secure is reported when the shopper is not there.
const AUTHENTICATION_REQUIRED: &str = "authentication_required";
const RESOURCE_MISSING: &str = "resource_missing";
/// Far more than any payment has: a list that does not end must not keep us forever.
const MOST_REFUNDS: usize = 2_000;
const CHARGE: (&str, &str) = ("expand[]", "latest_charge");

/// The payment processor Stripe.
///
/// A shopper who is there is sent to 3-D Secure where the card asks for it. For one who is not, an intent that needs it
/// is canceled at once and declined as `authentication_required`, so no half-made payment is left behind.
#[derive(Clone, Debug)]
pub struct Stripe {
    wire: Wire,
    secret_key: Secret,
}

type Pairs<'a> = [(&'a str, &'a str)];

impl Stripe {
    /// Stripe at `base_url` (`https://api.stripe.com`), called with `secret_key`.
    ///
    /// # Errors
    /// The address is none, or there is no TLS.
    pub fn new(base_url: &str, secret_key: Secret) -> Result<Self, SetupError> {
        Ok(Self { wire: Wire::new("Stripe", base_url, PATIENCE)?, secret_key })
    }

    /// Posts to a path below `/v1`.
    async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        form: &Pairs<'_>,
        key: &str,
    ) -> Result<T, Failure<Refusal>> {
        let request = self.wire.request(Method::POST, &[&["v1"], path].concat(), &[]).map_err(Failure::Other)?;
        let request = request.header("Idempotency-Key", key).form(form);
        self.wire.call(self.signed(request)).await
    }

    /// Gets a path below `/v1`.
    async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &Pairs<'_>) -> Result<T, Failure<Refusal>> {
        let request = self.wire.request(Method::GET, &[&["v1"], path].concat(), query).map_err(Failure::Other)?;
        self.wire.call(self.signed(request)).await
    }

    async fn retrieve(&self, reference: &str) -> Result<Intent, Failure<Refusal>> {
        self.get(&["payment_intents", reference], &[CHARGE]).await
    }

    fn signed(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.bearer_auth(self.secret_key.reveal()).header("Stripe-Version", VERSION)
    }

    /// What a new intent means.
    async fn outcome(&self, intent: Intent, hold: &Hold<'_>) -> Result<Authorized, PartnerError> {
        match intent.status {
            Status::RequiresAction if hold.return_url.is_none() => {
                self.void(&intent.id, &format!("{}-cancel", hold.key)).await?;
                Ok(Authorized::Declined { code: AUTHENTICATION_REQUIRED.to_owned() })
            }
            Status::RequiresPaymentMethod if intent.last_payment_error.is_none() => {
                Err(nonsense("no hold, and no reason"))
            }
            Status::RequiresConfirmation | Status::Canceled => Err(nonsense("an intent that was not confirmed")),
            Status::RequiresCapture
            | Status::Succeeded
            | Status::RequiresAction
            | Status::RequiresPaymentMethod
            | Status::Processing => intent.truth(),
        }
    }

    /// Lets go of what is left of an intent that Stripe would not cancel, or answers its `refusal`.
    async fn release(&self, reference: &str, key: &str, refusal: PartnerError) -> Result<(), PartnerError> {
        let intent = self.retrieve(reference).await.map_err(sorted)?;
        if intent.status == Status::Canceled || intent.is_released()? {
            return Ok(());
        }
        if !intent.is_partly_captured() {
            return Err(refusal);
        }
        // Stripe's own way to end a multicapture without taking more.
        let nothing = [("amount_to_capture", "0"), ("final_capture", "true"), CHARGE];
        let path = ["payment_intents", reference, "capture"];
        let released: Result<Intent, _> = self.post(&path, &nothing, &format!("{key}-release")).await;
        released.map(drop).map_err(sorted)
    }
}

impl PaymentProcessor for Stripe {
    async fn authorize(&self, hold: &Hold<'_>) -> Result<Authorized, PartnerError> {
        let amount = amount::to_wire(hold.amount)?.to_string();
        let currency = hold.amount.currency().code().to_lowercase();
        let tender = hold.tender.to_string();
        let [tenant_note, order_note, tender_note] = [notes::TENANT, notes::ORDER, notes::TENDER].map(notes::field);
        let mut form = vec![
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("payment_method", hold.method),
            ("payment_method_types[]", "card"),
            ("confirm", "true"),
            ("capture_method", "manual"),
            ("payment_method_options[card][request_multicapture]", "if_available"),
            (&tenant_note, hold.tenant.as_str()),
            (&order_note, hold.order.as_str()),
            (&tender_note, &tender),
            CHARGE,
        ];
        form.extend(hold.customer.map(|customer| ("customer", customer)));
        form.push(match (hold.return_url, hold.customer) {
            (Some(url), _) => ("return_url", url),
            (None, Some(_)) => ("off_session", "true"),
            (None, None) => ("error_on_requires_action", "true"),
        });
        match self.post(&["payment_intents"], &form, hold.key).await {
            Ok(intent) => self.outcome(intent, hold).await,
            Err(Failure::Refused { status: StatusCode::PAYMENT_REQUIRED, error, .. }) if error.is_decline() => {
                Ok(Authorized::Declined { code: error.error.decline() })
            }
            Err(failure) => Err(sorted(failure)),
        }
    }

    async fn find(&self, tenant: &TenantId, order: &OrderId, tender: u16) -> Result<Option<Held>, PartnerError> {
        // Neither id can hold a quote or a backslash.
        let of = |name, value: &dyn std::fmt::Display| format!("metadata['{name}']:'{value}'");
        let ours = [of(notes::ORDER, order), of(notes::TENANT, tenant), of(notes::TENDER, &tender)].join(" AND ");
        let query = [("query", ours.as_str()), ("limit", LIMIT), ("expand[]", "data.latest_charge")];
        let found: Listed<Intent> = self.get(&["payment_intents", "search"], &query).await.map_err(sorted)?;
        found.best()?.map(Intent::held).transpose()
    }

    async fn look_up(&self, reference: &str) -> Result<Authorized, PartnerError> {
        match self.retrieve(reference).await {
            Ok(intent) => intent.truth(),
            Err(Failure::Missing(_)) => Err(PartnerError::Refused {
                code: RESOURCE_MISSING.to_owned(),
                message: "Stripe knows no such payment".to_owned(),
            }),
            Err(failure) => Err(sorted(failure)),
        }
    }

    async fn capture(
        &self,
        reference: &str,
        amount: Money,
        last: bool,
        effect: &str,
        key: &str,
    ) -> Result<Held, PartnerError> {
        let (note, noted) = notes::of_capture(effect, amount)?;
        let amount = amount::to_wire(amount)?.to_string();
        let last = if last { "true" } else { "false" };
        let form =
            [("amount_to_capture", amount.as_str()), ("final_capture", last), (note.as_str(), noted.as_str()), CHARGE];
        let captured: Result<Intent, _> = self.post(&["payment_intents", reference, "capture"], &form, key).await;
        captured.map_err(sorted)?.held()
    }

    async fn void(&self, reference: &str, key: &str) -> Result<(), PartnerError> {
        let canceled: Result<Intent, _> = self.post(&["payment_intents", reference, "cancel"], &[CHARGE], key).await;
        match canceled {
            Ok(_) => Ok(()),
            Err(refused @ Failure::Refused { .. }) => self.release(reference, key, sorted(refused)).await,
            Err(failure) => Err(sorted(failure)),
        }
    }

    async fn refund(&self, wish: &Return<'_>) -> Result<Returned, PartnerError> {
        let amount = amount::to_wire(wish.amount)?.to_string();
        let effect_note = notes::field(notes::EFFECT);
        let form = [("payment_intent", wish.reference), ("amount", &amount), (&effect_note, wish.effect)];
        let refund: Refund = self.post(&["refunds"], &form, wish.key).await.map_err(sorted)?;
        refund.returned(wish.reference)
    }

    async fn refunds(&self, payment: &str) -> Result<Vec<Returned>, PartnerError> {
        let mut refunds: Vec<Refund> = Vec::new();
        let mut more = true;
        while more {
            let mut query = vec![("payment_intent", payment), ("limit", LIMIT)];
            query.extend(refunds.last().map(|last| ("starting_after", last.id.as_str())));
            let page: Listed<Refund> = self.get(&["refunds"], &query).await.map_err(sorted)?;
            more = page.has_more;
            if more && (page.data.is_empty() || refunds.len() >= MOST_REFUNDS) {
                return Err(nonsense("a list of refunds without an end"));
            }
            refunds.extend(page.data);
        }
        refunds.into_iter().rev().filter(Refund::gives_back).map(|refund| refund.returned(payment)).collect()
    }

    async fn dispute(&self, reference: &str) -> Result<Disputed, PartnerError> {
        let dispute: Dispute = self.get(&["disputes", reference], &[]).await.map_err(sorted)?;
        dispute.disputed()
    }

    async fn booked(&self, from: Timestamp, to: Timestamp, after: Option<&str>) -> Result<Page<Held>, PartnerError> {
        // Stripe counts in whole seconds. Both ends are cut alike, so that one stretch ends where the next begins.
        let (from, to) = (from.as_second().to_string(), to.as_second().to_string());
        let mut query = vec![("created[gte]", from.as_str()), ("created[lt]", &to), ("limit", LIMIT)];
        query.push(("expand[]", "data.latest_charge"));
        query.extend(after.map(|after| ("starting_after", after)));
        let page: Listed<Intent> = self.get(&["payment_intents"], &query).await.map_err(sorted)?;
        let next = page.data.last().filter(|_| page.has_more).map(|last| last.id.clone());
        let rows = page.data.into_iter().filter(Intent::has_held).map(Intent::held).collect::<Result<_, _>>()?;
        Ok(Page { rows, next })
    }
}

fn nonsense(what: &'static str) -> PartnerError {
    Trouble::Nonsense("Stripe", what).broken()
}
