//! A folder that goes with its run, even when the run was killed.

use crate::error::{Error, Result};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A run's own folder; removed when dropped. A lock in it tells that the run is alive, so that the
/// next run can clear away what a killed one left.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes a folder named `run` in `parent`, and removes those of dead runs.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(parent: &Path, run: &str) -> Result<Self> {
        remove_dead(parent);
        let folder = parent.join(run);
        std::fs::create_dir_all(&folder).map_err(Error::at("create", &folder))?;
        let lock = lock_of(&folder);
        let file = File::create(&lock).map_err(Error::at("create", &lock))?;
        file.lock().map_err(Error::at("lock", &lock))?;
        Ok(Self { folder, _lock: file })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind harms nobody, and the next run removes it.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Names a run: no two share a name.
#[must_use]
pub fn run_name() -> String {
    static RUNS: AtomicU32 = AtomicU32::new(1);
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    format!("{now}-{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed))
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.join("alive")
}

fn remove_dead(parent: &Path) {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()) {
        // A folder without a lock is a run that is just being made.
        let is_dead = File::open(lock_of(&folder)).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_dead {
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_folders_of_dead_runs_are_removed() {
        let parent = std::env::temp_dir().join(format!("waybill-scratch-{}", std::process::id()));
        let dead = parent.join("dead");
        std::fs::create_dir_all(&dead).unwrap();
        File::create(lock_of(&dead)).unwrap();
        let first = Scratch::create(&parent, "first").unwrap();

        let second = Scratch::create(&parent, "second").unwrap();

        assert!(!dead.exists() && first.path().exists() && second.path().exists());
        let kept = first.path().to_owned();
        drop(first);
        assert!(!kept.exists());
    }
}
