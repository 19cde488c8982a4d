#!/usr/bin/env bash
# Records what the installed Erlang (OTP 25) answers to the calls of the tables on data, or of those named.
set -euo pipefail
cd "$(dirname "$0")"
tables=("$@")
if [ ${#tables[@]} -eq 0 ]; then
    for name in access atoms binary_module checksums iolists_binaries lists maps math number_text operators packets \
        terms tuples type_tests unicode; do
        tables+=("$name.txt")
    done
    tables+=(math_last_bits.table)
fi
escript record.escript "${tables[@]}"
