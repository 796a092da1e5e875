//! The processes of one run, found by what they run: its functions, and the local AWS itself.

use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use waybill_harness::{Error, Result};

/// A process as the system shows it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Running {
    /// Its process id.
    pub id: u32,
    /// Its program.
    pub name: String,
    /// Memory it occupies (RSS), in KiB.
    pub resident_kib: u64,
    /// Files, pipes and connections it has open.
    pub files: u64,
}

/// The processes of a run, by the run's folder.
#[derive(Clone, Debug)]
pub struct Processes {
    programs: PathBuf,
    state: String,
}

impl Processes {
    /// Of the run whose files are in `folder`.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { programs: folder.join("programs"), state: format!("STATE_DIR={}", folder.join("state").display()) }
    }

    /// The functions' processes: those, and no others, that run a program from the run's folder.
    #[must_use]
    pub fn functions(&self) -> Vec<Running> {
        all().filter_map(|id| self.function(id)).collect()
    }

    fn function(&self, id: u32) -> Option<Running> {
        let program = std::fs::read_link(format!("/proc/{id}/exe")).ok()?;
        let name = program.strip_prefix(&self.programs).ok()?.file_name()?.to_string_lossy().into_owned();
        measured(id, name)
    }

    /// The local AWS: what was given the run's folder, without what it runs as functions.
    #[must_use]
    pub fn local_aws(&self) -> Vec<Running> {
        let is_function = |id: u32| self.function(id).is_some();
        let found = all().filter(|id| self.is_of_run(*id) && !is_function(*id));
        found.filter_map(|id| measured(id, "ministack".to_owned())).collect()
    }

    fn is_of_run(&self, id: u32) -> bool {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == self.state.as_bytes())
    }

    /// Kills every function's process outright (SIGKILL), and tells which.
    ///
    /// # Errors
    /// When the system's `kill` cannot be started.
    pub fn kill_functions(&self) -> Result<Vec<Running>> {
        let found = self.functions();
        if found.is_empty() {
            return Ok(found);
        }
        let mut command = Command::new("kill");
        command.arg("-KILL").args(found.iter().map(|process| process.id.to_string()));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // One of them may have ended by itself since: `kill` still kills the others.
        command.status().map_err(Error::io("run kill"))?;
        Ok(found)
    }
}

fn all() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// `None` when it has ended meanwhile.
fn measured(id: u32, name: String) -> Option<Running> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident_kib = resident.trim().trim_end_matches("kB").trim().parse().ok()?;
    let files = std::fs::read_dir(format!("/proc/{id}/fd")).ok()?.count();
    Some(Running { id, name, resident_kib, files: u64::try_from(files).ok()? })
}

/// How busy the machine was in the last minute before a run, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub cores: usize,
    /// Memory, in GiB.
    pub memory_gib: u64,
    /// Processes that ran or wanted to, mean of the minute before; two decimals.
    pub load_before: String,
}

impl Machine {
    /// This one, now.
    #[must_use]
    pub fn this() -> Self {
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let kib = total.and_then(|text| text.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_gib: (kib.unwrap_or_default() + (1 << 19)) >> 20,
            load_before: load.split_whitespace().next().unwrap_or("unknown").to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_from_the_folder_is_found_and_killed() {
        let folder = std::env::temp_dir().join(format!("waybill-processes-{}", std::process::id()));
        let programs = folder.join("programs").join("first");
        std::fs::create_dir_all(&programs).unwrap();
        std::fs::copy("/bin/sleep", programs.join("pick")).unwrap();
        let mut ours = Command::new(programs.join("pick")).arg("300").spawn().unwrap();
        let mut other = Command::new("/bin/sleep").arg("300").spawn().unwrap();
        let processes = Processes::of(&folder);
        // Until the new process has become its program it still looks like us.
        while processes.functions().is_empty() {
            std::thread::yield_now();
        }

        let killed = processes.kill_functions().unwrap();

        assert_eq!(
            killed.iter().map(|process| (process.id, process.name.as_str())).collect::<Vec<_>>(),
            [(ours.id(), "pick")]
        );
        assert!(killed[0].resident_kib > 0 && killed[0].files >= 3, "{killed:?}");
        assert!(!ours.wait().unwrap().success());
        assert_eq!(other.try_wait().unwrap(), None, "what is not ours lives on");
        other.kill().unwrap();
        other.wait().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
