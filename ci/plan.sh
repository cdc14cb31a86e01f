#!/usr/bin/env bash
# Plans for a reviewer, in CI. Leaves plan.md (the comment of a pull request), plan.html and plan.json in the
# folder $B24APPLY_OUT, and ends with the exit code of the plan: 3 says that an item was refused, and the
# comment is there all the same.
#
#   ci/plan.sh [flags of b24apply plan...]
set -euo pipefail

out=${B24APPLY_OUT:-b24apply-plan}
mkdir -p "$out"
rm -f "$out"/plan.md "$out"/plan.html "$out"/plan.json

code=0
b24apply plan --mask phones,emails,names --report "$out/plan.md" --report "$out/plan.html" --report "$out/plan.json" "$@" || code=$?
if [ ! -s "$out/plan.md" ]; then
  echo "no plan was written (exit code $code)" >&2
  exit "$((code == 0 ? 1 : code))"
fi
exit "$code"
