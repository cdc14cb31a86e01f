#!/usr/bin/env bash
# Installs a released b24apply into $1 (default: ~/.local/bin) and compares its checksum first. A job that sees a
# pull request installs a release: it never builds the program from what the pull request has brought.
#
#   B24APPLY_VERSION=v1.2.3 ci/install.sh [folder]
set -euo pipefail

version=${B24APPLY_VERSION:?set B24APPLY_VERSION to a release, such as v1.2.3}
folder=${1:-$HOME/.local/bin}
base=${B24APPLY_RELEASES:-https://github.com/b24apply/b24apply/releases/download}

case $(uname -s) in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  *) echo "no release for $(uname -s) here: download it by hand" >&2; exit 1 ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) echo "no release for $(uname -m)" >&2; exit 1 ;;
esac

proto="=https"
case $base in http://127.0.0.1:*) proto="=http" ;; esac # a mirror on this machine

archive=b24apply_${version#v}_${os}_${arch}.tar.gz
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
curl --proto "$proto" --fail --silent --show-error --location --output "$temp/$archive" "$base/$version/$archive"
curl --proto "$proto" --fail --silent --show-error --location --output "$temp/checksums.txt" "$base/$version/checksums.txt"
(cd "$temp" && grep " $archive\$" checksums.txt >this.txt && { sha256sum --check --quiet this.txt 2>/dev/null || shasum -a 256 --check --quiet this.txt; }) ||
  { echo "$archive is not what the release says: its checksum differs" >&2; exit 1; }
tar -xzf "$temp/$archive" -C "$temp" b24apply
mkdir -p "$folder"
install -m 0755 "$temp/b24apply" "$folder/b24apply"
"$folder/b24apply" version
