use super::*;

const EXAMPLE: &str = include_str!("../../../../docs/falter.example.toml");

/// The example with the keys that have no default, which stand there as comments.
fn uncommented() -> String {
    let lines = EXAMPLE.lines().map(|line| match line.strip_prefix("#: ") {
        Some(key) => key,
        None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn error(text: &str) -> String {
    format!("{:#}", Config::parse(text.to_owned()).unwrap_err())
}

#[test]
fn the_example_says_the_defaults() {
    let mut example = Config::parse(EXAMPLE.to_owned()).unwrap();
    example.text.clear();
    assert_eq!(example, Config::default());
}

#[test]
fn the_example_names_every_key() {
    let text = uncommented();
    let example = Config::parse(text.clone()).unwrap();
    // What serde knows of the form: an unknown key makes it list those that it knows.
    let sections = [
        "",
        "store",
        "vantage",
        "watch",
        "archives",
        "routes",
        "routes.ris_live",
        "routes.bmp",
        "routes.bootstrap",
        "probing",
        "darknet",
        "names",
        "sites",
        "sources",
    ];
    let written: toml::Table = text.parse().unwrap();
    for section in sections {
        let wrong = if section.is_empty() {
            "no_such_key = 1".to_owned()
        } else {
            format!("[{section}]\nno_such_key = 1")
        };
        let said = error(&wrong);
        let known = said.split("expected").nth(1).unwrap_or_else(|| panic!("{said}"));
        let parts = section.split('.').filter(|part| !part.is_empty());
        let table = parts.fold(&written, |table, part| table[part].as_table().unwrap());
        let keys: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        assert!(!keys.is_empty(), "{said}");
        for key in keys {
            assert!(table.contains_key(key), "the example does not name {section}.{key}");
        }
    }
    assert_eq!(example.sources.lines.len(), 1);
}

#[test]
fn what_is_wrong_is_named_with_its_key() {
    let cases = [
        (
            "[probing]\npackets_per_second = 0",
            "probing.packets_per_second must be from 1 to 1000, is 0",
        ),
        ("[probing]\nper_target = \"1ms\"", "probing.per_target"),
        ("[probing]\ncontact = \"me\"", "probing.contact must be a mail address or a URL"),
        ("[probing]\nmethods = [\"tcp:0\"]", "probing.methods"),
        ("[watch]\nwarm_up = \"2\"", "expected a length of time"),
        ("[probing]\nsweep_every = \"1s\"", "probing.sweep_every must be from 1h to 30d"),
        ("[names]\nevery = \"1s\"", "names.every must be from 5s to 1h"),
        ("[names]\nport = 0", "names.port must be from 1 to 65535"),
        ("[sites]\nevery = \"1s\"", "sites.every must be from 10s to 1h"),
        ("[vantage]\nid = \"a b\"", "vantage.id"),
        ("[watch]\nnetworks = []", "watch.networks"),
        ("[watch]\nwarm_up = \"31d\"", "watch.warm_up"),
        ("[store]\nkeep_days = 0", "store.keep_days"),
        ("[store]\nkeep_megabytes = 1", "store.keep_megabytes"),
        ("[store]\nkeep_series_days = 0", "store.keep_series_days"),
        ("[routes.ris_live]\nsilence = \"1s\"", "routes.ris_live.silence"),
        ("[darknet]\ninterface = \"a/b\"", "darknet.interface must be the name of an interface"),
        ("[darknet]\ninterface = \"0123456789abcdef\"", "darknet.interface"),
        ("[darknet]\nprefixes = [\"198.19.0.0/33\"]", "prefixes = [\"198.19.0.0/33\"]"),
        ("[routes.ris_live]\nurl = \"http://x\"", "routes.ris_live.url"),
        ("[routes.bootstrap]\ncollectors = [\"rrc0\"]", "routes.bootstrap.collectors"),
        ("[routes.bootstrap]\ncollectors = [\"route-views2\"]", "collectors of RIPE RIS"),
        (
            "[routes]\nris_live.enabled = false\nbootstrap.inputs = [\"a\"]",
            "routes.bootstrap must be left out where RIS Live is",
        ),
        ("[routes.bootstrap]\nmax_age = \"1s\"", "routes.bootstrap.max_age"),
        ("[archives]\nris = \"https://data.ris.ripe.net\"", "archives.ris"),
        ("[archives]\nroute_views = \"ftp://x/\"", "archives.route_views"),
        ("[archives]\nkeep_megabytes = 1", "archives.keep_megabytes"),
    ];
    for (text, expected) in cases {
        let said = error(text);
        assert!(said.contains(expected), "{said:?} does not say {expected:?}");
    }
}
