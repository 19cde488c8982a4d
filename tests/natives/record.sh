#!/usr/bin/env bash
# Records what the installed Erlang (OTP 25) answers to the calls of the tables, or of those named.
set -euo pipefail
cd "$(dirname "$0")"
tables=("$@")
[ ${#tables[@]} -gt 0 ] || tables=(*.txt *.table)
escript record.escript "${tables[@]}"
