#!/usr/bin/env bash
# Makes a certificate for 127.0.0.1 that lasts a day: cert.pem and key.pem in the folder
# that is given.
set -euo pipefail
generator="$(go env GOROOT)/src/crypto/tls/generate_cert.go"
cd "$1"
go run "$generator" --host 127.0.0.1 --ca --ecdsa-curve P256 --duration 24h 2>/dev/null
