#!/usr/bin/env bash
# Measures b24apply and the official JavaScript SDK at the same jobs: bench.sh ITEMS [PAGE]
# with the number of items, and a Markdown page to write the figures to. Needs bin/b24apply
# and npm ci.
set -euo pipefail
items=$1
page=${2:+$(realpath -m "$2")}
cd "$(dirname "$0")"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
./certificate.sh "$dir"
NODE_EXTRA_CA_CERTS="$dir/cert.pem" node bench.mjs "$dir" "$items" "$page"
