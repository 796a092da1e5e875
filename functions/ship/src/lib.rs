#![doc = include_str!("../README.md")]

use jiff::{SignedDuration, Timestamp};
use waybill_domain::catalog::{Carrier, Policy, Service, Site};
use waybill_domain::order::{Fulfillment, Label, Order, Packing};
use waybill_domain::ports::{Catalog, Claim, Labels, Offer, Orders, Parcel, PartnerError, PaymentProcessor, Quoted};
use waybill_lambda::input::{Done, PartInput};
use waybill_lambda::{Fault, Halt, Stage, advance, load};
use waybill_payments::Desk;

/// How much longer held money has to last before a label is bought: until the parcel is handed over and dispatched.
pub const MARGIN: SignedDuration = SignedDuration::from_hours(24);

/// The effect that is claimed before the carrier is called.
#[must_use]
pub fn effect(fulfillment: u16) -> String {
    format!("label-{fulfillment}")
}

/// Our reference of a parcel, unique for ever.
#[must_use]
pub fn reference(order: &Order, fulfillment: u16) -> String {
    format!("{}-{fulfillment}", order.id)
}

/// Buys the label of a packed fulfillment order, once, if its money still lasts.
///
/// # Errors
/// `Refused` for a cancelled order; `Defect` when its money is not held any more, no offer fits, or the carrier will not
/// sell (it is on the timeline).
pub async fn handle(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    catalog: &impl Catalog,
    labels: &impl Labels,
    input: PartInput,
    now: Timestamp,
) -> Result<Done, Halt> {
    let number = input.fulfillment;
    let order = load(orders, &input.tenant, &input.order_id).await?;
    if order.label_wanted(number)?.is_none() {
        return Ok(Done {});
    }
    let order = held(&Desk { orders, processor, actor: Stage::Ship.actor(), now }, order).await?;
    let Some((part, packing)) = order.label_wanted(number)? else { return Ok(Done {}) };
    let (part, packing) = (part.clone(), packing.clone());
    let site = catalog.find::<Site>(&order.tenant, part.site.as_str()).await?;
    let site = site.ok_or_else(|| Fault::defect(format!("no site {}", part.site)))?;
    let service = service(catalog, &order).await?;
    let claim = orders.claim(&order.tenant, &order.id, &effect(number), now).await?;
    let bought = quoted(labels, &order, &part, &packing, &site, claim).await;
    let (order, quote) = heard(orders, order, number, bought, now).await?;
    let (order, label) = match quote.label.clone() {
        Some(label) => (order, label),
        None => buy(orders, labels, order, number, &quote, &service, now).await?,
    };
    let order =
        advance(orders, order, &Stage::Ship.actor(), now, |order| order.decide_labeled(number, label.clone())).await?;
    let order = keep_one(orders, labels, order, number, &label, now).await?;
    if order.is_cancelled() { Err(Halt::Refused("the order is cancelled".to_owned())) } else { Ok(Done {}) }
}

/// The order with its money held for [`MARGIN`] longer: goods leave only for money that can still be taken.
async fn held<O: Orders, P: PaymentProcessor>(desk: &Desk<'_, O, P>, order: Order) -> Result<Order, Halt> {
    let order = desk.renew(order, MARGIN).await?;
    match () {
        () if order.is_cancelled() => Err(Halt::Refused("the order is cancelled".to_owned())),
        () if order.payment.is_pending() => {
            Err(Fault::defect("the money held lapses, and the payment is declined or waits for the customer").into())
        }
        // What a storefront confirmed cannot be renewed by us: it may leave while it lasts.
        // Nor may it where the money was declined for good after another part has left: that ends no order.
        () if order.lacks_money(desk.now)? => {
            Err(Fault::defect("the money held has lapsed, and cannot be held anew").into())
        }
        () => Ok(order),
    }
}

/// The service the shopper chose.
async fn service(catalog: &impl Catalog, order: &Order) -> Result<Service, Halt> {
    let policy = catalog.find::<Policy>(&order.tenant, "default").await?;
    let policy = policy.ok_or_else(|| Fault::defect("the tenant has no policy `default`"))?;
    let carrier = catalog.find::<Carrier>(&order.tenant, policy.carrier.as_str()).await?;
    let carrier = carrier.ok_or_else(|| Fault::defect(format!("no carrier {}", policy.carrier.as_str())))?;
    let chosen = carrier.service(order.placed.shipping.service.as_str(), &order.placed.ship_to.country);
    Ok(chosen.cloned().ok_or_else(|| Fault::defect("the carrier does not offer the service any more"))?)
}

/// The parcel's quote. After a claim of an earlier run the truth comes first: its answer may have been lost.
async fn quoted(
    labels: &impl Labels,
    order: &Order,
    part: &Fulfillment,
    packing: &Packing,
    site: &Site,
    claim: Claim,
) -> Result<Quoted, PartnerError> {
    let reference = reference(order, part.number);
    if let Claim::Earlier(_) = claim
        && let Some(known) = labels.find(&reference).await?
    {
        return Ok(known);
    }
    let parcel = Parcel {
        reference: &reference,
        from: &site.address,
        from_phone: site.phone.as_ref().map(waybill_domain::text::Text::as_str),
        to: &order.placed.ship_to,
        to_phone: order.placed.customer.phone.as_ref().map(waybill_domain::text::Text::as_str),
        packing,
    };
    labels.quote(&parcel).await
}

/// Buys the offer that fits. If the carrier says that this parcel has a label already, that one is ours.
async fn buy(
    orders: &impl Orders,
    labels: &impl Labels,
    order: Order,
    number: u16,
    quote: &Quoted,
    service: &Service,
    now: Timestamp,
) -> Result<(Order, Label), Halt> {
    let offer = choose(&quote.offers, service).ok_or_else(|| Fault::defect("the carrier offers nothing that fits"))?;
    let bought = labels.buy(&quote.shipment, &offer.id).await;
    let Err(PartnerError::Refused { .. }) = &bought else { return Ok((order, bought?)) };
    let refusal = heard(orders, order.clone(), number, bought, now).await;
    let known = labels.find(&quote.shipment).await?.and_then(|known| known.label);
    match (known, refusal) {
        (Some(label), _) => Ok((load(orders, &order.tenant, &order.id).await?, label)),
        (None, Err(halt)) => Err(halt),
        (None, Ok(_)) => Err(Fault::defect("the carrier refused and accepted").into()),
    }
}

/// Of two runs at once each may find nothing bought and buy: the label that is not the order's goes back, or staff are told.
async fn keep_one(
    orders: &impl Orders,
    labels: &impl Labels,
    order: Order,
    number: u16,
    bought: &Label,
    now: Timestamp,
) -> Result<Order, Halt> {
    let shipment = order.fulfillment(number).and_then(|part| part.shipment.as_ref());
    if shipment.is_none_or(|shipment| shipment.label.shipment == bought.shipment) {
        return Ok(order);
    }
    let Err(error) = labels.refund(&bought.shipment).await else { return Ok(order) };
    let reason = format!("a second label was bought, shipment {}, and not given back: {error}", bought.shipment);
    let told = |order: &Order| order.decide_exception("ship", Some(number), &reason, false);
    advance(orders, order, &Stage::Ship.actor(), now, told).await
}

/// A carrier's answer; a refusal goes on the timeline first and is a defect then.
async fn heard<T>(
    orders: &impl Orders,
    order: Order,
    number: u16,
    answer: Result<T, PartnerError>,
    now: Timestamp,
) -> Result<(Order, T), Halt> {
    match answer {
        Ok(answer) => Ok((order, answer)),
        Err(PartnerError::Refused { code, message }) => {
            let effect = effect(number);
            let refused = |order: &Order| order.decide_partner_refused("carrier", &effect, &code, &message);
            advance(orders, order, &Stage::Ship.actor(), now, refused).await?;
            Err(Fault::defect(format!("the carrier refused: {code}")).into())
        }
        Err(error @ (PartnerError::Unavailable(_) | PartnerError::Spent(_) | PartnerError::Broken(_))) => {
            Err(error.into())
        }
    }
}

/// The first of the service's preferred offers there is; else the cheapest that keeps the promised transit.
fn choose<'a>(offers: &'a [Offer], service: &Service) -> Option<&'a Offer> {
    let named = |name: &str| offers.iter().find(|offer| offer.service == name);
    let preferred = service.carrier_services.iter().find_map(|name| named(name.as_str()));
    let in_time = offers.iter().filter(|offer| offer.days.is_some_and(|days| days <= u32::from(service.transit_days)));
    preferred.or_else(|| in_time.min_by_key(|offer| offer.price.minor()))
}
