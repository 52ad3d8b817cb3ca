#!/usr/bin/env bash
# first-recordings.sh PTBXL COUNT FOLDER
#
# The first COUNT recordings of a PTB-XL (or an excerpt of it) at 500 Hz, as a PTB-XL of its own in FOLDER, unless it
# stands there already.
set -euo pipefail

data=$1 count=$2 folder=$3
[[ ! -d $folder ]] || exit 0
mkdir -p "$folder"
cp "$data/scp_statements.csv" "$folder/"
head -n $((count + 1)) "$data/ptbxl_database.csv" > "$folder/ptbxl_database.csv"
grep -o 'records500/[0-9]*/[0-9]*_hr' "$folder/ptbxl_database.csv" | while read -r name; do
  mkdir -p "$folder/$(dirname "$name")"
  cp "$data/$name".{hea,dat} "$folder/$(dirname "$name")/"
done
