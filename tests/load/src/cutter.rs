//! A wire that can be cut: bytes pass both ways until every open connection is dropped at once.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use waybill_harness::{Error, Result};

/// Listens on a port of its own and passes on to one other address. Ends when dropped.
#[derive(Debug)]
pub struct Cutter {
    address: SocketAddr,
    upstream: Arc<OnceLock<String>>,
    cuts: watch::Sender<u64>,
    open: Arc<AtomicUsize>,
    listener: tokio::task::AbortHandle,
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Cutter {
    /// Listens. Connections are refused until [`Cutter::lead_to`] says where they go. Must be called within a runtime that
    /// lives as long as it.
    ///
    /// # Errors
    /// When no port can be bound.
    pub fn start() -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(Error::io("bind the cutter"))?;
        listener.set_nonblocking(true).map_err(Error::io("bind the cutter"))?;
        let address = listener.local_addr().map_err(Error::io("bind the cutter"))?;
        let listener = TcpListener::from_std(listener).map_err(Error::io("bind the cutter"))?;
        let (upstream, open) = (Arc::<OnceLock<String>>::default(), Arc::<AtomicUsize>::default());
        let cuts = watch::Sender::new(0);
        let (leads_to, counted, cut) = (Arc::clone(&upstream), Arc::clone(&open), cuts.clone());
        let listening = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let (leads_to, counted, cut) = (Arc::clone(&leads_to), Arc::clone(&counted), cut.subscribe());
                tokio::spawn(pass(caller, leads_to, counted, cut));
            }
        });
        Ok(Self { address, upstream, cuts, open, listener: listening.abort_handle() })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says where bytes go, as `http://host:port`. The first call counts.
    pub fn lead_to(&self, url: &str) {
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        // A second call is a mistake that changes nothing.
        let _ = self.upstream.set(address);
    }

    /// Drops every open connection, and tells how many that were.
    pub fn cut(&self) -> usize {
        let open = self.open.load(Ordering::SeqCst);
        self.cuts.send_modify(|cuts| *cuts += 1);
        open
    }
}

async fn pass(
    mut caller: TcpStream,
    leads_to: Arc<OnceLock<String>>,
    open: Arc<AtomicUsize>,
    mut cut: watch::Receiver<u64>,
) {
    let Some(address) = leads_to.get() else { return };
    let Ok(mut upstream) = TcpStream::connect(address).await else { return };
    open.fetch_add(1, Ordering::SeqCst);
    tokio::select! {
        // How a connection ends is its two ends' affair.
        _ = copy_bidirectional(&mut caller, &mut upstream) => {}
        _ = cut.changed() => {}
    }
    open.fetch_sub(1, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// Answers every byte with itself.
    async fn echo() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut reads, mut writes) = caller.split();
                    tokio::io::copy(&mut reads, &mut writes).await
                });
            }
        });
        url
    }

    async fn answered(caller: &mut TcpStream) -> Option<u8> {
        caller.write_all(&[7]).await.ok()?;
        caller.read_u8().await.ok()
    }

    #[tokio::test]
    async fn a_cut_ends_open_connections_and_lets_new_ones_through() {
        let cutter = Cutter::start().unwrap();
        cutter.lead_to(&echo().await);
        let mut before = TcpStream::connect(cutter.address).await.unwrap();
        assert_eq!(answered(&mut before).await, Some(7));

        assert_eq!(cutter.cut(), 1);

        assert_eq!(answered(&mut before).await, None);
        let mut after = TcpStream::connect(cutter.address).await.unwrap();
        assert_eq!(answered(&mut after).await, Some(7));
    }

    #[tokio::test]
    async fn what_leads_nowhere_yet_answers_nothing() {
        let cutter = Cutter::start().unwrap();
        let mut caller = TcpStream::connect(cutter.address).await.unwrap();
        assert_eq!(answered(&mut caller).await, None);
    }
}
