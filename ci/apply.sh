#!/usr/bin/env bash
# Applies what was approved: the plan whose digest stands in the comment of the pull request that a commit came
# from, and no other. A squash is another commit, so the digest of the plan is what is compared, and the plan is
# made anew: if the portal or the manifests differ, nothing is written and the exit code is 6.
#
#   GH_TOKEN=… GITHUB_REPOSITORY=owner/name COMMIT=… B24APPLY_MARK=b24apply:plan:OWNER[:ENV] ci/apply.sh [flags of b24apply apply...]
set -euo pipefail

author=${COMMENT_AUTHOR:-github-actions[bot]}
out=${B24APPLY_OUT:-b24apply-run}
mkdir -p "$out"

number=$(gh api --method GET "repos/$GITHUB_REPOSITORY/commits/$COMMIT/pulls" |
  jq -r '[.[] | select(.merged_at != null) | .number] | first // empty')
if [ -z "$number" ]; then
  echo "commit $COMMIT came from no pull request: plan it and apply it by hand" >&2
  exit 1
fi
digest=$(gh api --paginate --slurp "repos/$GITHUB_REPOSITORY/issues/$number/comments" |
  jq -r --arg author "$author" --arg marker "<!-- $B24APPLY_MARK -->" '[.[][] | select(.user.login == $author and (.body | startswith($marker))) | .body] | last // ""' |
  sed -n '2s/^<!-- b24apply:digest:\([0-9a-f]\{64\}\) -->\r\{0,1\}$/\1/p')
if [ -z "$digest" ]; then
  echo "pull request $number has no plan of $B24APPLY_MARK: nothing was approved, and nothing is applied" >&2
  exit 1
fi
exec b24apply apply --expect-plan "$digest" --yes \
  --report "$out/report.md" --report "$out/report.json" --report "$out/report.xml" "$@"
