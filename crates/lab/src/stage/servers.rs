//! nginx: the sites of a machine.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::country::{Node, Role};

/// How nginx is started: one process, as whoever we are.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    command.arg("-e").arg(folder.join("nginx.error"));
    command
}

/// Writes a machine's sites; with `broken`, as an upgrade leaves them that was not tried before: every
/// page fails inside the server.
pub(crate) fn write(node: &Node, folder: &Path, broken: bool) -> Result<()> {
    let Role::Machine(machine) = &node.role else { return Ok(()) };
    let pages = folder.join("pages");
    let mut servers: BTreeMap<&str, String> = BTreeMap::new();
    for site in &machine.sites {
        let root = pages.join(&site.name);
        std::fs::create_dir_all(&root)?;
        std::fs::write(root.join("index.html"), page(&site.name))?;
        let root = root.display();
        let content = if broken {
            "return 502;".to_owned()
        } else {
            format!("root {root}; index index.html;")
        };
        servers.insert(
            &site.name,
            format!(
                "server {{ listen {}:80 backlog=64; server_name {}; location / {{ {content} }} }}\n",
                site.address, site.name
            ),
        );
    }
    let servers = without_repeated_backlogs(servers.into_values());
    let place = folder.display();
    // An ordinary user's namespace has no other user than root whom files could be given to.
    let text = format!(
        "user root; daemon off; master_process off; worker_rlimit_nofile 1024; pid {place}/nginx.pid;\n\
         error_log {place}/nginx.error warn;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; server_tokens off; default_type text/html;\n\
         client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;\n\
         uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;\n{servers}}}\n"
    );
    std::fs::write(folder.join("nginx.conf"), text).context("writing nginx.conf")
}

/// nginx takes socket options of an address once.
fn without_repeated_backlogs(servers: impl Iterator<Item = String>) -> String {
    let mut seen = std::collections::BTreeSet::new();
    servers
        .map(|server| {
            let address = server.split_whitespace().nth(3).unwrap_or_default().to_owned();
            if seen.insert(address) { server } else { server.replace(" backlog=64", "") }
        })
        .collect()
}

fn page(name: &str) -> String {
    format!("<!doctype html><title>{name}</title><h1>{name}</h1><p>This is {name}.</p>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::{Country, Size};

    #[test]
    fn every_site_of_a_host_has_a_server_and_an_address_one_backlog() {
        let country = Country::new(&Size::default());
        let folder = tempfile::tempdir().unwrap();
        write(country.node("web1").unwrap(), folder.path(), false).unwrap();
        let text = std::fs::read_to_string(folder.path().join("nginx.conf")).unwrap();
        assert_eq!(text.matches("server_name").count(), 18);
        assert_eq!(text.matches("backlog").count(), 2);
        assert!(folder.path().join("pages/friend.com.kp/index.html").is_file());
    }
}
