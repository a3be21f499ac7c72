#!/usr/bin/env bash
# Builds the packages into target/packages: a .deb for this machine's Debian, and a static tarball for any Linux.
# Needs libdbus-1-dev and pkg-config for the .deb.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
target=$(rustc -vV | sed -n 's/^host: //p')
out=target/packages
mkdir -p "$out"

deb() {
  local tool=target/tools/bin/cargo-deb
  [ -x "$tool" ] || cargo install cargo-deb --version 3.8.0 --locked --debug --quiet --root target/tools
  # The keyring uses the system's libdbus, which Debian keeps up to date.
  cargo build --locked --release --no-default-features --features keyring,sandbox
  "$tool" --no-build --no-strip --output "$out/"
}

tarball() {
  # With an explicit target, build scripts and macros stay dynamic. A static program cannot look up getrandom in its
  # libc, and would need /dev/urandom.
  RUSTFLAGS='-C target-feature=+crt-static --cfg getrandom_backend="linux_getrandom"' cargo build --locked --release --target "$target"
  local name="ibmiam-$version-$target"
  local folder
  folder=$(mktemp -d)
  mkdir "$folder/$name"
  cp "target/$target/release/ibmiam" README.md CHANGELOG.md SECURITY.md LICENSE-* "$folder/$name/"
  cp -r man completions "$folder/$name/"
  tar --owner=0 --group=0 --sort=name --mtime="@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" \
    -C "$folder" -czf "$out/$name.tar.gz" "$name"
  rm -r "$folder"
}

case "${1:-all}" in
  deb) deb ;;
  tarball) tarball ;;
  all) deb; tarball ;;
  *) echo "usage: packaging/build.sh [deb|tarball]" >&2; exit 2 ;;
esac
ls -l "$out"
