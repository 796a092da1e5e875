//! Child processes that end with everything they started, however we end.
//!
//! The local AWS runs each Lambda as a process of its own, so killing the one we started is not
//! enough. Each [`Group`] is a process group led by a small shell that holds the other end of a
//! pipe of ours: when the pipe closes (dropped, failed, or we were killed outright) it kills the
//! whole group, itself included.

use crate::error::{Error, Result};
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Runs the command without our pipe as its input, and kills the group when the pipe closes.
const LEADER: &str = r#"exec 3<&0
"$@" </dev/null 3<&- &
child=$!
( cat <&3 >/dev/null 2>&1; kill -KILL 0 ) &
exec 3<&-
wait "$child""#;

/// Where a process writes.
#[derive(Clone, Debug)]
pub enum Log {
    /// `<path>.out` and `<path>.err`.
    Files(PathBuf),
    /// Both on our own standard error: standard output is for what the run is asked for.
    Stderr,
    /// Each on our own.
    Inherited,
}

/// A process and all it started.
#[derive(Debug)]
pub struct Group {
    name: String,
    leader: Child,
    pipe: Option<ChildStdin>,
    log: Log,
}

impl Group {
    /// Starts `command` in a group of its own.
    ///
    /// # Errors
    /// When the shell or the log files cannot be opened.
    pub fn start(name: &str, command: &Command, log: Log) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(LEADER).arg(name);
        shell.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(key, value),
                None => shell.env_remove(key),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        let (out, err) = log.open()?;
        shell.stdin(Stdio::piped()).stdout(out).stderr(err).process_group(0);
        let mut leader = shell.spawn().map_err(Error::io(format!("start {name}")))?;
        let pipe = leader.stdin.take();
        Ok(Self { name: name.to_owned(), leader, pipe, log })
    }

    /// Its process id, which is also its group's.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.leader.id()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.leader.try_wait().map_err(Error::io(format!("ask after {}", self.name)))
    }

    /// Waits for its end without blocking the thread.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub async fn finish(mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Fails with the end of its log when it is no longer running.
    ///
    /// # Errors
    /// When it has ended, or the system cannot tell.
    pub fn expect_running(&mut self) -> Result<()> {
        let Some(status) = self.ended()? else {
            return Ok(());
        };
        let tail = self.log.tail();
        Err(Error::Setup(format!("{} ended ({status}):\n{tail}", self.name)))
    }

    /// Ends it and all it started; returns when they are gone.
    pub fn stop(&mut self) {
        drop(self.pipe.take());
        let patience = Instant::now() + Duration::from_secs(3);
        while Instant::now() < patience {
            if let Ok(Some(_)) = self.leader.try_wait() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // The shell may have ended before its command's children: the group outlives its leader.
        let _ = kill(self.id());
        let _ = self.leader.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Kills a whole process group by its id.
fn kill(group: u32) -> std::io::Result<ExitStatus> {
    let mut command = Command::new("kill");
    command.args(["-KILL", "--", &format!("-{group}")]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status()
}

impl Log {
    /// The file that takes what is said on standard output.
    #[must_use]
    pub fn out(&self) -> Option<PathBuf> {
        match self {
            Self::Files(path) => Some(path.with_extension("out")),
            Self::Stderr | Self::Inherited => None,
        }
    }

    fn open(&self) -> Result<(Stdio, Stdio)> {
        match self {
            Self::Files(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
                }
                Ok((create(&path.with_extension("out"))?, create(&path.with_extension("err"))?))
            }
            Self::Stderr => Ok((Stdio::from(std::io::stderr()), Stdio::inherit())),
            Self::Inherited => Ok((Stdio::inherit(), Stdio::inherit())),
        }
    }

    /// The last lines of both logs.
    #[must_use]
    pub fn tail(&self) -> String {
        let Self::Files(path) = self else {
            return String::new();
        };
        let mut lines = Vec::new();
        for extension in ["out", "err"] {
            let text = std::fs::read_to_string(path.with_extension(extension)).unwrap_or_default();
            let all: Vec<&str> = text.lines().collect();
            lines.extend(all[all.len().saturating_sub(15)..].iter().map(|line| (*line).to_owned()));
        }
        lines.join("\n")
    }
}

fn create(path: &Path) -> Result<Stdio> {
    File::create(path).map(Stdio::from).map_err(Error::at("create", path))
}

/// Runs `command` to its end in a group of its own.
///
/// # Errors
/// When it cannot be started, or ends with a failure.
pub async fn run(name: &str, command: &Command, log: Log) -> Result<()> {
    let status = Group::start(name, command, log)?.finish().await?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Setup(format!("{name} failed ({status})")))
}

/// A port that nothing listens on now. Another process may take it first: callers retry.
///
/// # Errors
/// When no port can be bound at all.
pub fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(Error::io("find a port"))?;
    let address = listener.local_addr().map_err(Error::io("find a port"))?;
    Ok(address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        // A zombie has ended: only its parent has not asked yet.
        stat.is_ok_and(|text| !text.contains(") Z "))
    }

    fn started(script: &str, name: &str) -> (Group, PathBuf) {
        let folder = std::env::temp_dir().join(format!("waybill-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).current_dir(&folder);
        let group = Group::start(name, &command, Log::Files(folder.join("log"))).unwrap();
        (group, folder)
    }

    fn read(path: &Path) -> String {
        for _ in 0..200 {
            if let Ok(text) = std::fs::read_to_string(path)
                && text.ends_with('\n')
            {
                return text;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{} was never written", path.display());
    }

    #[test]
    fn a_dropped_group_takes_its_grandchildren_along() {
        let (group, folder) = started("sh -c 'sleep 300 & echo $! > pid; wait'", "grandchild");
        let grandchild = read(&folder.join("pid"));
        assert!(running(&grandchild));

        drop(group);

        assert!(!running(&grandchild));
    }

    #[test]
    fn a_closed_pipe_alone_ends_the_group_as_when_we_are_killed_outright() {
        let (mut group, folder) = started("sleep 300 & echo $! > pid; wait", "orphaned");
        let child = read(&folder.join("pid"));

        drop(group.pipe.take());

        let gone = (0..300).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            !running(&child)
        });
        assert!(gone);
    }

    #[test]
    fn an_end_before_its_time_is_told_with_the_end_of_the_log() {
        let (mut group, _) = started("echo the reason >&2; exit 7", "early");
        while group.ended().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let said = group.expect_running().unwrap_err().to_string();
        assert!(said.contains("the reason") && said.contains('7'), "{said}");
    }

    #[test]
    fn a_command_reads_nothing_from_our_pipe() {
        let (mut group, folder) = started("cat > input; echo done > pid", "input");
        read(&folder.join("pid"));
        assert_eq!(std::fs::read(folder.join("input")).unwrap(), b"");
        group.stop();
    }
}
