//! Shows what is going on, on standard error: bars on a terminal, plain lines elsewhere.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use waybill_harness::Progress;

/// Where progress is shown.
#[derive(Clone, Debug)]
pub struct Screen {
    bars: MultiProgress,
    is_terminal: bool,
    since: Instant,
}

impl Screen {
    /// Our standard error.
    pub fn new() -> Self {
        Self { bars: MultiProgress::new(), is_terminal: std::io::stderr().is_terminal(), since: Instant::now() }
    }

    /// A line with a spinner.
    pub fn line(&self, name: &str) -> Line {
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {prefix:.bold} {wide_msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        let last = Arc::default();
        Line { bar, name: name.to_owned(), is_terminal: self.is_terminal, since: self.since, last }
    }

    /// A bar of so many steps.
    pub fn bar(&self, name: &str, steps: u64) -> Bar {
        let bar = self.bars.add(ProgressBar::new(steps));
        if let Ok(style) = ProgressStyle::with_template("{prefix:.bold} {bar:40.cyan} {pos}/{len} {msg} {elapsed:.dim}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        Bar {
            shown: bar,
            name: name.to_owned(),
            is_terminal: self.is_terminal,
            since: self.since,
            last: Arc::default(),
        }
    }

    /// How long ago it was made.
    pub fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }
}

/// One line of progress; taken away when dropped.
#[derive(Clone, Debug)]
pub struct Line {
    bar: ProgressBar,
    name: String,
    is_terminal: bool,
    since: Instant,
    last: Arc<Mutex<String>>,
}

impl Line {
    /// Says what is being done now.
    pub fn say(&self, text: &str) {
        if self.is_terminal {
            self.bar.set_message(text.to_owned());
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Details that change by the second are for terminals.
        if last.split_whitespace().take(3).ne(text.split_whitespace().take(3)) {
            eprintln!("[{:>3} s] {}: {text}", self.since.elapsed().as_secs(), self.name);
            text.clone_into(&mut last);
        }
    }

    /// The harness's way to say it.
    pub fn reporter(&self) -> Progress {
        let line = self.clone();
        Arc::new(move |text| line.say(text))
    }

    /// Leaves a last word.
    pub fn finish(&self, text: &str) {
        if self.is_terminal {
            self.bar.finish_with_message(text.to_owned());
        } else {
            self.say(text);
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar; taken away when dropped.
#[derive(Clone, Debug)]
pub struct Bar {
    shown: ProgressBar,
    name: String,
    is_terminal: bool,
    since: Instant,
    last: Arc<Mutex<Option<Instant>>>,
}

impl Bar {
    /// From one line to the next where there is no terminal.
    const QUIET: Duration = Duration::from_secs(10);

    /// Now of so many steps.
    pub fn of(&self, steps: usize) -> &Self {
        self.shown.set_length(u64::try_from(steps).unwrap_or(u64::MAX));
        self
    }

    /// How far it is, and what with.
    pub fn at(&self, step: usize, text: &str) {
        if self.is_terminal {
            self.shown.set_message(text.to_owned());
            self.shown.set_position(u64::try_from(step).unwrap_or(u64::MAX));
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= Self::QUIET) {
            let (now, of) = (self.since.elapsed().as_secs(), self.shown.length().unwrap_or_default());
            eprintln!("[{now:>3} s] {}: {step}/{of} {text}", self.name);
            *last = Some(Instant::now());
        }
    }

    /// Takes it away.
    pub fn clear(&self) {
        self.shown.finish_and_clear();
    }
}
