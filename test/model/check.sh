#!/usr/bin/env bash
# Checks the models of this folder with Spin against table.tsv, row by row: the verdict of each row is what the
# table says, every rule that can be taken away (MUT_*) has a row that shows what then goes wrong, and every
# property (P_*) one in which it holds, or one that says that it cannot be given.
#
#   check.sh                  every row but the heavy ones
#   check.sh all              every row
#   check.sh heavy            only the heavy ones
#   check.sh story MODEL "-DSWITCH ..."   the steps of the shortest way to break a property
#
# JOBS rows are checked at a time (one a core). UPDATE=1 writes the numbers of states into the table.
set -euo pipefail
cd "$(dirname "$0")"

for tool in spin gcc; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install spin gcc" >&2; exit 1; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# build DIR MODEL SWITCHES FLAG...: makes DIR/pan.
build() {
  local dir=$1 model=$2 switches=$3
  shift 3
  mkdir -p "$dir"
  cp "$model.pml" "$dir"
  # shellcheck disable=SC2086 # switches are words
  (cd "$dir" && spin -a $switches "$model.pml" >spin.out 2>&1 && nice -n 19 gcc -w -DMEMLIM=6000 "$@" -o pan pan.c 2>gcc.out) ||
    { cat "$dir"/*.out >&2; return 1; }
}

# defines WORDS: each as a switch.
defines() {
  local word
  for word in "$@"; do [ "$word" = - ] || printf -- '-D%s ' "$word"; done
}

# verdict FILE: what pan has said there. Whatever is neither of both is an error of the model.
verdict() {
  if grep -q 'assertion violated' "$1"; then
    echo counterexample
  elif grep -q 'errors: 0' "$1" && ! grep -qE 'not completed|max search depth|out of memory' "$1"; then
    echo holds
  else
    echo "ERROR($(grep -m1 -E '^pan:|error:' "$1" || echo "no end"))"
  fi
}

# row N MODEL PROPERTIES SWITCHES SEARCH WEIGHT: checks one row; prints verdict and states. What is searched in a
# second would be optimised for longer.
row() {
  local dir=$tmp/$1 flags=(-DSAFETY) args=(-m1000000)
  if [ "$6" = heavy ]; then flags+=(-O2); else flags+=(-O0); fi
  if [ "$5" = whole ]; then flags+=(-DCOLLAPSE); else flags+=(-DBITSTATE) args+=(-w30); fi
  # shellcheck disable=SC2046,SC2086 # both columns are words
  build "$dir" "$2" "$(defines $3 $4)" "${flags[@]}" || { echo "ERROR(build) 0"; return; }
  (cd "$dir" && nice -n 19 ./pan "${args[@]}" >pan.out 2>&1) || true
  echo "$(verdict "$dir/pan.out") $(awk '/states, stored/ {print $1}' "$dir/pan.out")"
  rm -rf "$dir"
}

if [ "${1:-}" = story ]; then
  build "$tmp/story" "$2" "$3" -DSAFETY -DBFS
  cd "$tmp/story"
  nice -n 19 ./pan -m1000000 >pan.out 2>&1 || true
  verdict pan.out
  # shellcheck disable=SC2086
  [ ! -e "$2.pml.trail" ] || spin -t $3 "$2.pml" | sed -n 's/.*STORY: /  /p'
  exit
fi

jobs=${JOBS:-$(nproc)} which=${1:-}
wrong=0 checked=0
declare -a lines=()

# finish I: waits for the I-th row that was started, and prints it.
finish() {
  local line model props switches expected search states weight words got count mark
  line=${lines[$1]}
  wait "${pids[$1]}"
  IFS=$'\t' read -r model props switches expected search states weight words <<<"$line"
  read -r got count <"$tmp/out.$1"
  mark=ok
  [ "$got" = "$expected" ] || { mark="WRONG, the table says $expected"; wrong=$((wrong + 1)); }
  # A model that can do much less than before holds too easily.
  if [ "$got" = holds ] && [ "$states" != - ] && [ -z "${UPDATE:-}" ] && ((count < states / 2)); then
    mark="WRONG, the table has $states states" wrong=$((wrong + 1))
  fi
  checked=$((checked + 1))
  printf '%-9s  %-14s  %9s  %-5s  %s: %s [%s] %s\n' "$model" "${got%%(*}" "$count" "${search/whole/}" "$mark" "$words" "$props" "${switches/#-/}"
  case $got in ERROR*) echo "           $got" ;; esac
  [ "$got" = "$expected" ] && [ "$got" = holds ] && printf '%s\t%s\t%s\t%s\n' "$model" "$props" "$switches" "$count" >>"$tmp/counts"
  return 0
}

declare -a pids=()
done_rows=0
while IFS=$'\t' read -r model props switches expected search states weight words; do
  case $model in '#'* | '') continue ;; esac
  [ "$which" = all ] || [ "$weight" = "${which:-quick}" ] || continue
  n=${#lines[@]}
  lines+=("$model"$'\t'"$props"$'\t'"$switches"$'\t'"$expected"$'\t'"$search"$'\t'"$states"$'\t'"$weight"$'\t'"$words")
  row "$n" "$model" "$props" "$switches" "$search" "$weight" >"$tmp/out.$n" &
  pids+=($!)
  if ((${#lines[@]} - done_rows >= jobs)); then
    finish "$done_rows"
    done_rows=$((done_rows + 1))
  fi
done <table.tsv
while ((done_rows < ${#lines[@]})); do
  finish "$done_rows"
  done_rows=$((done_rows + 1))
done

# Whoever takes a rule away, or claims a property, shows it.
for model in *.pml; do
  name=${model%.pml}
  while read -r switch; do
    awk -F'\t' -v m="$name" -v s="$switch" '$1 == m && $4 == "counterexample" && (" " $3 " ") ~ (" " s " ") {found = 1} END {exit !found}' table.tsv ||
      { echo "$name: no row shows what goes wrong with $switch"; wrong=$((wrong + 1)); }
  done < <(grep -ohE 'MUT_[A-Z]+' "$model" | sort -u)
  while read -r property; do
    awk -F'\t' -v m="$name" -v p="$property" '$1 == m && ($4 == "holds" || $8 ~ /^cannot be given/) && $3 !~ /MUT_/ && (" " $2 " ") ~ (" " p " ") {found = 1} END {exit !found}' table.tsv ||
      { echo "$name: no row shows whether $property holds"; wrong=$((wrong + 1)); }
  done < <(grep -ohE '^#ifdef P_[A-Z]+' "$model" | sed 's/#ifdef //' | sort -u)
done

if [ -n "${UPDATE:-}" ] && [ -e "$tmp/counts" ]; then
  awk -F'\t' -v OFS='\t' 'NR == FNR {count[$1 FS $2 FS $3] = $4; next} ($1 FS $2 FS $3) in count {$6 = count[$1 FS $2 FS $3]} {print}' "$tmp/counts" table.tsv >"$tmp/table"
  cat "$tmp/table" >table.tsv
fi
echo "$checked rows, $wrong wrong"
[ "$wrong" = 0 ]
