//! Rules of the house that the compiler does not know: imports run one way, no file is forgotten, what
//! the documents name exists.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All files below a folder, without what is built.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') && name != "node_modules" {
                found.extend(files(&path));
            }
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Which of our crates each of our crates depends on; tests may import more.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let mut imports = BTreeMap::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let manifest: toml::Table =
            fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        let dependencies = manifest.get("dependencies").and_then(|table| table.as_table()).unwrap();
        let ours = dependencies.keys().filter_map(|key| key.strip_prefix("falter-"));
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        imports.insert(name, ours.map(str::to_owned).collect());
    }
    imports
}

#[test]
fn imports_run_one_way() {
    for (name, imported) in imports() {
        let allowed: &[&str] = match name.as_str() {
            "model" => &[],
            "sources" => &["model", "wire"],
            "serve" => &["model", "store", "draw"],
            "falter" | "lab" => continue,
            _ => &["model"],
        };
        for other in imported {
            assert!(allowed.contains(&other.as_str()), "{name} must not import {other}");
        }
    }
}

#[test]
fn every_file_is_named_by_its_parent() {
    for file in files(&root().join("crates")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let in_src = file.components().any(|part| part.as_os_str() == "src");
        if file.extension().is_none_or(|ending| ending != "rs")
            || !in_src
            || ["lib.rs", "main.rs"].contains(&name.as_str())
            || file.parent().unwrap().ends_with("src/bin")
        {
            continue;
        }
        assert_ne!(name, "mod.rs", "{}", file.display());
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = file.parent().unwrap();
        let parents = if folder.ends_with("src") {
            vec![folder.join("lib.rs"), folder.join("main.rs")]
        } else {
            vec![folder.with_extension("rs")]
        };
        let named =
            parents.iter().filter_map(|parent| fs::read_to_string(parent).ok()).any(|text| {
                text.lines().any(|line| line.trim_end().ends_with(&format!("mod {stem};")))
            });
        assert!(named, "no parent names {}", file.display());
    }
}

#[test]
fn names_say_what_is_inside() {
    let empty = ["utils", "common", "helpers", "misc", "types", "manager", "handler", "base"];
    for file in files(&root().join("crates")) {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(!empty.contains(&stem.as_str()), "{} needs a real name", file.display());
    }
}

#[test]
fn every_file_opens_with_a_paragraph() {
    for file in files(&root().join("crates")) {
        let is_tests = file.file_name().is_some_and(|name| name == "tests.rs");
        if file.extension().is_some_and(|ending| ending == "rs") && !is_tests {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("//!"), "{} says not what it is for", file.display());
        }
    }
}

#[test]
fn the_architecture_names_every_crate_and_no_other() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for name in imports().keys() {
        assert!(text.contains(&format!("`{name}`")), "ARCHITECTURE.md does not name {name}");
    }
    for word in text.split('`').skip(1).step_by(2) {
        if let Some(rest) = word.strip_prefix("crates/") {
            assert!(root().join("crates").join(rest).exists(), "{word} does not exist");
        }
    }
}

#[test]
fn every_signal_is_in_the_method() {
    let text = fs::read_to_string(root().join("docs/method.md")).unwrap();
    let mut ids = BTreeSet::new();
    for spec in falter_signals::ALL {
        assert!(ids.insert(spec.id), "{} stands twice", spec.id);
        assert!(text.contains(spec.id), "docs/method.md does not name {}", spec.id);
    }
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    for file in files(&root()) {
        if file.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let there = file.parent().unwrap().join(target);
            assert!(there.exists(), "{} links to {target}, which is not there", file.display());
        }
    }
}
