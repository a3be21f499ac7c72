#!/usr/bin/env bash
# Builds the packages and tests them on systems without other software: the .deb in a new Debian, the tarball in an
# empty folder. Needs root, and a mirror of Debian's packages.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n-- %s\n' "$*"; }

packages=(libdbus-1-dev pkg-config lintian debootstrap)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

step "build"
packaging/build.sh
deb=$(ls -t target/packages/*.deb | head -1)
tarball=$(ls -t target/packages/*.tar.gz | head -1)
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

step "lintian"
lintian --fail-on error,warning "$deb"

step "the .deb in a new Debian"
mirror=$(sed -n 's/^ *\(URIs:\|deb\) *\(http[^ ]*\).*/\2/p' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | head -1 || true)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
debootstrap --variant=minbase --include=libdbus-1-3,man-db "$suite" "$work/debian" "${mirror:-http://deb.debian.org/debian}" >/dev/null
cp "$deb" "$work/debian/ibmiam.deb"
inside() { chroot "$work/debian" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
inside dpkg -i /ibmiam.deb
inside ibmiam --version
inside ibmiam --sandbox api-key-create MyKey --file /root/key_file
inside ibmiam --sandbox api-key-list
test "$(stat -c %a "$work/debian/root/key_file")" = 600
for file in usr/share/man/man1/ibmiam.1.gz usr/share/bash-completion/completions/ibmiam \
  usr/share/zsh/vendor-completions/_ibmiam usr/share/fish/vendor_completions.d/ibmiam.fish; do
  test -s "$work/debian/$file"
done
inside dpkg -r ibmiam
test ! -e "$work/debian/usr/bin/ibmiam"

step "the tarball in an empty folder"
mkdir -p "$work/empty/etc" "$work/empty/tmp"
tar -C "$work/empty" --strip-components=1 -xzf "$tarball"
! readelf -lW "$work/empty/ibmiam" | grep -q INTERP
cp /etc/resolv.conf /etc/nsswitch.conf "$work/empty/etc/" 2>/dev/null || true
echo "127.0.0.1 sandbox.test" > "$work/empty/etc/hosts"
alone() { chroot "$work/empty" /ibmiam "$@"; }
export IBMIAM_HOME=/tmp/home
alone --version
alone --sandbox api-key-create MyKey --file /key_file
test "$(stat -c %a "$work/empty/key_file")" = 600
# TLS: the server runs outside the chroot, the client inside.
"$work/empty/ibmiam" sandbox serve --ephemeral --tls --env-file "$work/env" >/dev/null &
server=$!
trap 'kill $server 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/env" ] && break; sleep 0.1; done
. "$work/env"
cp "$SSL_CERT_FILE" "$work/empty/ca.pem"
SSL_CERT_FILE=/ca.pem chroot "$work/empty" /ibmiam api-key-list
# DNS: the name is not in /etc/hosts, so the resolver must look it up.
error=$(SSL_CERT_FILE=/ca.pem chroot "$work/empty" /ibmiam api-key-list --endpoint https://nosuch.invalid 2>&1 || true)
grep -q 'Cannot reach https://nosuch.invalid' <<<"$error"
kill $server
wait $server 2>/dev/null || true

step "the packages are good"
