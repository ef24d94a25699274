//! The testbed's page in the documentation, made from the plan and the faults, so that it is always true.

mod faults;
mod map;

use crate::country::{Country, Size};

pub use faults::text as faults_text;

/// docs/lab.md.
pub fn markdown() -> String {
    let country = Country::new(&Size::default());
    [INTRODUCTION.to_owned(), map::section(&country), faults::section()].join("\n")
}

const INTRODUCTION: &str = "\
# A small country to break

Made from the code by `falter-lab manual`; a test holds it to that.

`falter-lab` builds a country of about a thousand addresses with real routers, name servers and web servers, and the
world around it, in network namespaces on one machine. It can be broken in every way that falter tells apart, and
what was done and what truly happened is written down. Nothing of it reaches the machine's own network, and all of it
goes when its keeper process goes, however that ends.

It needs Linux with user namespaces or root, `/dev/net/tun`, and the Debian packages bird2, gobgpd, nsd, nginx-light,
nftables, iproute2, fping, bind9-dnsutils and curl; `make` installs them where it is root.

    falter-lab up                       # stands in some seconds
    falter-lab status                   # every session, service and address, with birdc, ping, dig and curl
    falter-lab enter observer1 ping -c 3 175.45.176.81
    falter-lab break power:batteries    # tells what it will do, and does it
    falter-lab mend                     # puts everything back
    falter-lab run power -o power-run   # the same recorded, with the truth beside it
    falter-lab down

Several countries stand side by side under different `--name`s. `falter-lab up --ases 50 --prefixes 500 --hosts 2000`
makes a larger one: more operators, customers of the gateway, each with prefixes and hosts of its own.
";
