#!/usr/bin/env bash
# Runs the official JavaScript SDK against "b24apply portal" over TLS and with the
# limits of the plan that the SDK is told. The certificate and the portal live as
# long as this script. Needs bin/b24apply and npm ci.
set -euo pipefail
cd "$(dirname "$0")"

dir=$(mktemp -d)
portal=
cleanup() {
  if [ -n "$portal" ]; then
    kill "$portal" 2>/dev/null || true
    wait "$portal" 2>/dev/null || true
  fi
  rm -rf "$dir"
}
trap cleanup EXIT

./certificate.sh "$dir"

../../bin/b24apply portal --addr 127.0.0.1:0 --limits enterprise --tls-cert "$dir/cert.pem" --tls-key "$dir/key.pem" \
  >"$dir/url" 2>"$dir/log" &
portal=$!
for _ in $(seq 100); do
  [ -s "$dir/url" ] && break
  kill -0 "$portal" 2>/dev/null || break
  sleep 0.1
done
[ -s "$dir/url" ] || { echo "the portal did not start:"; cat "$dir/log"; exit 1; }

B24_WEBHOOK_URL=$(head -n 1 "$dir/url") NODE_EXTRA_CA_CERTS="$dir/cert.pem" node interop.mjs
