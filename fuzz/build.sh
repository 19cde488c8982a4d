#!/bin/bash -eu
# Builds the fuzz targets and their seeds as OSS-Fuzz and ClusterFuzzLite want them: one binary and one archive of seeds
# for each in $OUT. `cargo fuzz` and a nightly toolchain must be there, as they are in the images of those services.
#
#   OUT=/tmp/fuzzers fuzz/build.sh
: "${OUT:?where the targets are to go}"
cd "$(dirname "$0")"

sanitizer=${SANITIZER:-address}
cargo +nightly fuzz build --release --sanitizer "$sanitizer"
built=${CARGO_TARGET_DIR:-target}/$(rustc +nightly -vV | sed -n 's/host: //p')/release
mkdir -p "$OUT"
for source in fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    # One with known bugs, for benches/fuzz_faults.
    [ "$target" != programs ] || continue
    cp "$built/$target" "$OUT/"
    printf '[libfuzzer]\nmax_len = 16384\ntimeout = 10\n' >"$OUT/$target.options"
    # As in .ci/fuzz.
    case $target in descriptors | pressure | signals) echo 'mutate_depth = 1' >>"$OUT/$target.options" ;; esac
    if [ -d "../corpus/fuzz/$target" ]; then
        (cd "../corpus/fuzz/$target" && python3 -m zipfile -c "$OUT/${target}_seed_corpus.zip" ./*)
    fi
done
