#![doc = include_str!("../README.md")]

mod clock;
mod easypost;
mod ids;
mod kept;
mod server;
mod stripe;

pub use clock::{Clock, StoppedClock, SystemClock};
pub use easypost::webhook::sign as sign_webhook;
pub use server::connection::{CuttableListener, Switch};
pub use stripe::sign_event;

use clock::MovableClock;
use server::{Bound, Server};
use std::io;
use std::sync::Arc;

/// Both partners, answering.
#[derive(Debug)]
pub struct Partners {
    stripe: Server,
    easypost: Server,
}

impl Partners {
    /// Starts both partners on the loopback interface; port 0 is any free one.
    ///
    /// # Errors
    /// A port is taken.
    pub async fn start(stripe_port: u16, easypost_port: u16) -> io::Result<Self> {
        Self::start_with(stripe_port, easypost_port, SystemClock).await
    }

    /// [`Partners::start`] with a clock of your own. Keep a clone of an `Arc<StoppedClock>` to move it.
    ///
    /// # Errors
    /// A port is taken.
    pub async fn start_with(stripe_port: u16, easypost_port: u16, clock: impl Clock) -> io::Result<Self> {
        let clock = Arc::new(MovableClock::new(clock));
        // Webhooks go to this machine: a proxy meant for the outside must not see them.
        let client = reqwest::Client::builder().no_proxy().build().map_err(io::Error::other)?;
        let stripe = Bound::new(stripe_port).await?;
        let easypost = Bound::new(easypost_port).await?;
        let carrier = easypost::router(Arc::<MovableClock>::clone(&clock), easypost.url(), client.clone());
        Ok(Self { stripe: stripe.serve(stripe::router(clock, client)), easypost: easypost.serve(carrier) })
    }

    /// Where the payment processor answers, without a trailing slash.
    #[must_use]
    pub fn stripe_url(&self) -> &str {
        self.stripe.url()
    }

    /// Where the carrier answers, without a trailing slash.
    #[must_use]
    pub fn easypost_url(&self) -> &str {
        self.easypost.url()
    }

    /// Finishes the calls under way, then stops both.
    pub async fn stop(self) {
        tokio::join!(self.stripe.stop(), self.easypost.stop());
    }
}
