//! What both partners' servers share: connections that can be cut, one-shot faults, and a count of every request.

pub mod connection;
pub mod credentials;
pub mod door;
pub mod faults;
pub mod requests;
pub mod webhook;

use axum::Router;
use connection::{CuttableListener, Switch};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a stopping server waits for the calls it is still answering.
const GRACE: Duration = Duration::from_secs(2);

/// A port that is ours, before anybody answers on it: a partner must know its address to print it on labels.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Takes `port` on the loopback interface; 0 is any free one.
    pub async fn new(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it will answer, without a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts answering.
    pub fn serve(self, router: Router) -> Server {
        let url = self.url();
        let (stop, stopped) = oneshot::channel::<()>();
        let service = router.into_make_service_with_connect_info::<Switch>();
        let serving = axum::serve(CuttableListener::new(self.listener), service)
            // A dropped sender stops the server too, so a forgotten `stop()` leaves nothing running.
            .with_graceful_shutdown(async { drop(stopped.await) });
        let task = tokio::spawn(async move { serving.await });
        Server { url, stop, task }
    }
}

/// A server that is answering.
#[derive(Debug)]
pub struct Server {
    url: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Where it answers, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes no new call, finishes those under way, and after [`GRACE`] hangs up on the rest.
    pub async fn stop(mut self) {
        drop(self.stop);
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
