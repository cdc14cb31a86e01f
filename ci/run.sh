#!/usr/bin/env bash
# One step of CI by its name: check, plan, comment or apply. The other scripts of this folder say what each needs.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
step=$1
shift
case $step in
  # Without any secret: what a stranger's pull request gets at once.
  check)
    b24apply fmt --check || { echo "run b24apply fmt" >&2; exit 2; }
    b24apply validate -o github "$@"
    exec b24apply plan --portal embedded "$@"
    ;;
  plan) exec "$here/plan.sh" "$@" ;;
  comment) exec "$here/comment.sh" "${1:-${B24APPLY_OUT:-b24apply-plan}/plan.md}" ;;
  apply) exec "$here/apply.sh" "$@" ;;
  *)
    echo "there is no step $step: check, plan, comment, apply" >&2
    exit 1
    ;;
esac
