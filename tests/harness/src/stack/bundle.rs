//! Packs a program as the zip that Lambda runs.
//!
//! On AWS the zip holds the program itself. Here it holds a two-line `bootstrap` that becomes the
//! program: two dozen unoptimized programs are a gigabyte, which the local AWS would hash and keep
//! in memory for seconds at every start. The program is linked into the run's own folder first, so
//! that a build during the run changes nothing of it.

use crate::error::{Error, Result};
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip whose only file starts `program` from a link in `folder`. `version` names it: the same program of another version
/// is other code to Lambda. All that it calls, and what calls it, is led through the proxy at `through`, if there is one.
///
/// # Errors
/// When the program is not built or cannot be linked.
pub fn bundle(program: &Path, folder: &Path, version: &str, through: Option<&str>) -> Result<Vec<u8>> {
    let kept = keep(program, folder)?;
    let packed = || -> zip::result::ZipResult<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o755);
        zip.start_file("bootstrap", options)?;
        // `exec`: signals and the end of the process are the program's own.
        let led = through.map(led).unwrap_or_default();
        write!(zip, "#!/bin/sh\n# {version}\n{led}exec '{}'\n", kept.display())?;
        Ok(zip.finish()?.into_inner())
    };
    packed().map_err(|cause| Error::Setup(format!("could not pack {}: {cause}", program.display())))
}

/// Leads a process's runtime interface and its partners through the proxy, and has the SDK tell which process calls: `$$` is
/// the shell's id and, after `exec`, the program's.
fn led(through: &str) -> String {
    format!(
        "export AWS_SDK_UA_APP_ID=$$\n\
         export AWS_LAMBDA_RUNTIME_API=\"{through}/_runtime/$$/$AWS_LAMBDA_FUNCTION_NAME/${{AWS_LAMBDA_RUNTIME_API##*:}}\"\n\
         [ -z \"$STRIPE_BASE_URL\" ] || export STRIPE_BASE_URL=\"{through}/_partner/stripe/$$\"\n\
         [ -z \"$EASYPOST_BASE_URL\" ] || export EASYPOST_BASE_URL=\"{through}/_partner/easypost/$$\"\n"
    )
}

/// The program as it is now, under a name that no build replaces.
fn keep(program: &Path, folder: &Path) -> Result<PathBuf> {
    let name = program.file_name().filter(|_| program.is_file());
    let name = name.ok_or_else(|| {
        Error::Setup(format!("{} is not built: run cargo build --workspace first", program.display()))
    })?;
    std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
    let kept = folder.join(name);
    if std::fs::hard_link(program, &kept).is_err() {
        std::fs::copy(program, &kept).map_err(Error::at("copy", program))?;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    #[test]
    fn the_bootstrap_becomes_the_program_as_it_was_when_packed() {
        let folder = std::env::temp_dir().join(format!("waybill-bundle-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("pick");
        std::fs::write(&program, "#!/bin/sh\necho first\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();

        let packed = bundle(&program, &folder.join("programs"), "first", None).unwrap();
        let other = bundle(&program, &folder.join("other"), "second", Some("http://127.0.0.1:1")).unwrap();
        assert_ne!(packed, other, "another version is other code");
        // As a build does: a new file in the old one's place.
        std::fs::remove_file(&program).unwrap();
        std::fs::write(&program, "#!/bin/sh\necho second\n").unwrap();

        let mut zip = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
        assert_eq!(zip.len(), 1);
        let mut file = zip.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
        let mut script = String::new();
        file.read_to_string(&mut script).unwrap();
        let said = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert_eq!(said.stdout, b"first\n");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_program_that_is_not_built_is_named() {
        let said = bundle(Path::new("/nowhere/pick"), Path::new("/nowhere"), "first", None).unwrap_err().to_string();
        assert!(said.contains("/nowhere/pick is not built"), "{said}");
    }
}
