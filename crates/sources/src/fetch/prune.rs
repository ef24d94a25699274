//! Keeps the folder small: what was not used for the longest time goes first.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What was used in this time may be in use still.
const IN_USE: Duration = Duration::from_hours(6);

/// Removes files until all have `most` octets together. What is being downloaded stays, and what may be in
/// use.
pub(super) fn prune(folder: &Path, most: u64, now: SystemTime) -> io::Result<()> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    let mut all: u64 = files.iter().map(|(_, octets, _)| *octets).sum();
    for (used, octets, path) in files {
        if all <= most || used + IN_USE > now {
            break;
        }
        if is_locked(&path) {
            continue;
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => all = all.saturating_sub(octets),
        }
    }
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<(SystemTime, u64, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // What is gone meanwhile needs no room.
        let Ok(about) = entry.metadata() else { continue };
        if about.is_dir() {
            list(&entry.path(), files)?;
        } else if about.is_file() {
            files.push((about.modified()?, about.len(), entry.path()));
        }
    }
    Ok(())
}

/// What somebody downloads, or what belongs to it.
fn is_locked(path: &Path) -> bool {
    let part = match path.extension() {
        Some(ending) if ending == "part" => path.to_owned(),
        Some(ending) if ending == "json" => path.with_extension(""),
        _ => return false,
    };
    fs::OpenOptions::new().write(true).open(part).is_ok_and(|file| file.try_lock().is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("a")).unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(400_000);
        for (hours, name) in [(9, "a/1"), (8, "a/2.part"), (7, "3.part"), (7, "4"), (5, "5")] {
            fs::write(path(name), [0; 100]).unwrap();
            let file = fs::File::options().write(true).open(path(name)).unwrap();
            file.set_modified(now - Duration::from_hours(hours)).unwrap();
        }
        let being_written = fs::File::options().write(true).open(path("a/2.part")).unwrap();
        being_written.lock().unwrap();
        let left = |most| {
            prune(folder.path(), most, now).unwrap();
            ["a/1", "a/2.part", "3.part", "4", "5"].map(|name| path(name).exists())
        };
        assert_eq!(left(500), [true; 5]);
        assert_eq!(left(400), [false, true, true, true, true]);
        assert_eq!(left(0), [false, true, false, false, true]);
    }
}
