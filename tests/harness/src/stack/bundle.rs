//! Packs a program as the zip that Lambda runs.

use crate::error::{Error, Result};
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip whose only file is the program, as `bootstrap`. Nothing is compressed: it travels over
/// the loopback only.
///
/// # Errors
/// When the program is not built or cannot be read.
pub fn bundle(program: &Path) -> Result<Vec<u8>> {
    let code = bootstrap(program)?;
    let packed = || -> zip::result::ZipResult<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::with_capacity(code.len() + 512)));
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o755);
        zip.start_file("bootstrap", options)?;
        zip.write_all(&code)?;
        Ok(zip.finish()?.into_inner())
    };
    packed().map_err(|cause| Error::Setup(format!("could not pack {}: {cause}", program.display())))
}

/// The program without its symbols, which are most of an unoptimized build; as it is when `strip`
/// is not installed.
///
/// # Errors
/// When the program is not built or cannot be read.
pub fn bootstrap(program: &Path) -> Result<Vec<u8>> {
    if !program.is_file() {
        let said = format!("{} is not built: run cargo build --workspace first", program.display());
        return Err(Error::Setup(said));
    }
    let stripped = program.with_extension("stripped");
    if is_older(&stripped, program) {
        let mut strip = Command::new("strip");
        strip.arg("-o").arg(&stripped).arg(program);
        strip.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if !strip.status().is_ok_and(|status| status.success()) {
            return std::fs::read(program).map_err(Error::at("read", program));
        }
    }
    std::fs::read(&stripped).map_err(Error::at("read", &stripped))
}

fn is_older(made: &Path, from: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|metadata| metadata.modified());
    match (time(made), time(from)) {
        (Ok(made), Ok(from)) => made < from,
        (Err(_), _) | (_, Err(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn the_zip_holds_one_executable_bootstrap() {
        let folder = std::env::temp_dir().join(format!("waybill-bundle-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("pick");
        std::fs::write(&program, "#!/bin/sh\nexit 0\n").unwrap();

        let mut zip = zip::ZipArchive::new(Cursor::new(bundle(&program).unwrap())).unwrap();

        assert_eq!(zip.len(), 1);
        let mut file = zip.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "#!/bin/sh\nexit 0\n");
    }

    #[test]
    fn a_program_that_is_not_built_is_named() {
        let said = bundle(Path::new("/nowhere/pick")).unwrap_err().to_string();
        assert!(said.contains("/nowhere/pick is not built"), "{said}");
    }
}
