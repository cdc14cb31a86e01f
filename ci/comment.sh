#!/usr/bin/env bash
# Writes the plan into the pull request that it was made for: one comment, which each new plan replaces. Runs in
# a workflow of the repository itself, with the right to write comments and with no credential of a portal.
#
#   GH_TOKEN=… GITHUB_REPOSITORY=owner/name HEAD_OWNER=… HEAD_BRANCH=… HEAD_SHA=… ci/comment.sh plan.md
#
# What the plan's job has left is not trusted: the pull request is found by the commit that the host says it ran
# for, and the text is handed over as a file.
set -euo pipefail

body=$1
most=65536 # of a comment, in bytes at most four times as many characters
author=${COMMENT_AUTHOR:-github-actions[bot]}

if [ ! -f "$body" ] || [ -L "$body" ] || [ "$(wc -c <"$body")" -gt $((4 * most)) ]; then
  echo "$body is no plan of a size that a comment can have" >&2
  exit 1
fi
marker=$(head -n 1 "$body")
if ! [[ $marker =~ ^'<!-- b24apply:'[a-z0-9:_.-]+' -->'$ ]]; then
  echo "$body does not begin with the mark of a plan" >&2
  exit 1
fi

number=$(gh api --method GET "repos/$GITHUB_REPOSITORY/pulls" -f state=open -f "head=$HEAD_OWNER:$HEAD_BRANCH" |
  jq -r --arg sha "$HEAD_SHA" '[.[] | select(.head.sha == $sha) | .number] | first // empty')
if [ -z "$number" ]; then
  echo "no open pull request has $HEAD_SHA as its last commit: a newer one will have its own plan" >&2
  exit 0
fi

comment=$(gh api --paginate --slurp "repos/$GITHUB_REPOSITORY/issues/$number/comments" |
  jq -r --arg author "$author" --arg marker "$marker" '[.[][] | select(.user.login == $author and (.body | startswith($marker))) | .id] | first // empty')
if [ -n "$comment" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" -F "body=@$body" >/dev/null
else
  gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" -F "body=@$body" >/dev/null
fi
echo "the plan is in pull request $number"
