//! Runs the fake partners until told to stop. Prints where they answer as one line of JSON.

use clap::Parser;
use std::io::Write as _;
use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{SignalKind, signal};
use waybill_partners::Partners;

/// Fake partners: a payment processor and a carrier which keep their own books.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Where the payment processor answers; 0 is any free port.
    #[arg(long, default_value_t = 0)]
    stripe_port: u16,
    /// Where the carrier answers; 0 is any free port.
    #[arg(long, default_value_t = 0)]
    easypost_port: u16,
    /// End when standard input is closed, so that no parent leaves this process behind.
    #[arg(long)]
    exit_with_stdin: bool,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::parse();
    let mut terminated = signal(SignalKind::terminate())?;
    let partners = Partners::start(options.stripe_port, options.easypost_port).await?;
    let urls = serde_json::json!({"stripe": partners.stripe_url(), "easypost": partners.easypost_url()});
    let mut out = std::io::stdout();
    writeln!(out, "{urls}")?;
    out.flush()?;
    tokio::select! {
        _ = terminated.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        () = stdin_closed(), if options.exit_with_stdin => {}
    }
    partners.stop().await;
    // A read of standard input that never ends must not keep the process alive.
    std::process::exit(0)
}

/// Waits for the end of standard input, whatever is written to it before.
async fn stdin_closed() {
    let mut input = tokio::io::stdin();
    let mut ignored = [0_u8; 64];
    while matches!(input.read(&mut ignored).await, Ok(1..)) {}
}
