# run: the main job on bundled recordings, then live until Ctrl-C (ONCE=1: the recordings only). lab: the testbed. test: all that CI asks. The rest: see CONTRIBUTING.md.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.PHONY: run lab test fuzz bench accept build need-build need-lab need-bench

FALTER := $(or $(CARGO_TARGET_DIR),target)/release/falter

run: build
	@for scenario in scenarios/*/expected.toml; do
	  folder=$$(dirname "$$scenario")
	  printf '\n== %s ==\n' "$$folder"
	  tools/replay-scenario "$(FALTER)" "$$folder"
	done
	[ -z "$(ONCE)" ] || exit 0
	printf '\n== live, passively: routes of kp from RIPE RIS Live, until Ctrl-C ==\n'
	exec "$(FALTER)" watch kp

build: need-build
	@[ -x "$(FALTER)" ] || echo 'building falter: a few minutes the first time' >&2
	cargo build --release --quiet -p falter

# What a fire drill takes.
lab: build need-lab
	@cargo build --release --quiet -p falter-lab

test: need-build need-lab
	@cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo test --workspace --locked -- --show-output 2>&1 | tee $(or $(CARGO_TARGET_DIR),target)/test.log | tools/quiet-tests
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
	tools/fuzz-corpora
	tools/count-skipped $(or $(CARGO_TARGET_DIR),target)/test.log

fuzz:
	@tools/fuzz

bench: need-bench build
	@tools/bench

accept: build need-lab
	@tools/accept

need-build:
	@tools/need cc:gcc cargo:

# The testbed's routers and servers. Without them its tests say so and are skipped.
need-lab:
	@tools/need unshare:util-linux ip:iproute2 nft:nftables bird:bird2 gobgpd:gobgpd nsd:nsd knotd:knot nginx:nginx-light \
	  ping:iputils-ping fping:fping dig:bind9-dnsutils curl:curl

need-bench:
	@tools/need cc:gcc cargo: gzip:gzip bzip2:bzip2 lbzip2:lbzip2 libdeflate-gzip:libdeflate-tools bgpdump:bgpdump
