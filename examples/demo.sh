#!/usr/bin/env bash
# The main job on a portal in a box: validate, plan, apply, and plan again.
set -euo pipefail
cd "$(dirname "$0")/.."

b24apply=$PWD/bin/b24apply
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r examples/quickstart/. "$work"
cd "$work"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[2m$ b24apply %s\033[0m\n' "$*"; "$b24apply" "$@"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
  say() { printf '\n%s\n' "$*"; }
  run() { printf '$ b24apply %s\n' "$*"; "$b24apply" "$@"; }
fi

say "1. The manifests of examples/quickstart are checked. Nothing is contacted."
run validate

say "2. What would change? The portal in a box is empty, so everything is created."
run plan --portal embedded

say "3. Make it so."
run apply --portal embedded --yes --report report.json | sed -n '/^[0-9]* planned/,$p'

say "4. Somebody edits a deal and deletes a phone number in the manifests."
sed -i.bak 's/Trailer for the launch week/Two trailers for the launch week/' manifests/deals.yaml
sed -i.bak 's/, {value: "+44 7700 900210", type: MOBILE}//' manifests/companies.yaml
rm manifests/*.bak
run plan --portal embedded

say "5. Apply that, and plan once more: the portal is as declared."
run apply --portal embedded --yes | sed -n '/^[0-9]* planned/,$p'
run plan --portal embedded --detailed-exitcode
