#!/bin/bash
# Builds what record.mjs boots: a kernel from Debian's kernel source package, its HMM test driver,
# and the recording program. Everything lands in one folder.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: build.sh [--source TARBALL] [--patch FILE]... [--output DIR] [--jobs N] [--runner-only]

  --source TARBALL  kernel source, linux-source-*.tar.xz (default: the newest in /usr/src, as the
                    Debian package linux-source installs it)
  --patch FILE      applies a patch to the source first (patch -p1), for example one that makes the
                    test driver survive what generate.mjs --patched makes; may be repeated
  --output DIR      where the build goes (default: dist, beside this script)
  --jobs N          parallel jobs (default: one per CPU)
  --runner-only     builds only the recording program

needs: gcc make flex bison bc cpio xz-utils libelf-dev libssl-dev linux-source (Debian packages)
TEXT
}

stop() {
  echo "build.sh: $1" >&2
  exit 1
}

fail() {
  echo "build.sh: $1" >&2
  echo >&2
  usage >&2
  exit 2
}

here=$(cd "$(dirname "$0")" && pwd)
source="" output="$here/dist" jobs=$(nproc) runner_only="" patches=()
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit 0 ;;
    --runner-only) runner_only=1; shift; continue ;;
    --source | --patch | --output | --jobs) [ $# -ge 2 ] || fail "$1 needs a value" ;;
    *) fail "unknown argument $1" ;;
  esac
  case $1 in
    --source) source=$2 ;;
    --patch) patches+=("$(realpath -e "$2")") || fail "no patch $2" ;;
    --output) output=$2 ;;
    --jobs) [[ $2 =~ ^[1-9][0-9]*$ ]] || fail "--jobs needs a number"; jobs=$2 ;;
  esac
  shift 2
done

mkdir -p "$output"
gcc -static -O2 -Wall -Wextra -Werror -std=gnu11 -pthread -o "$output/runner" "$here"/runner/*.c
echo "build.sh: $output/runner"
[ -z "$runner_only" ] || exit 0

if [ -z "$source" ]; then
  source=$(find /usr/src -maxdepth 1 -name 'linux-source-*.tar.xz' | sort -V | tail -1)
  [ -n "$source" ] || stop "no kernel source in /usr/src; install linux-source or give --source"
fi
[ -f "$source" ] || fail "no file $source"

tree="$output/source"
rm -rf "$tree"
mkdir -p "$tree"
tar -xf "$source" -C "$tree" --strip-components=1
for patch in "${patches[@]}"; do
  patch -d "$tree" -p1 <"$patch"
done
make -C "$tree" -s tinyconfig
"$tree/scripts/kconfig/merge_config.sh" -m -O "$tree" "$tree/.config" "$here/kernel.config" \
  >/dev/null
make -C "$tree" -s olddefconfig
while read -r line; do
  # What this kernel version does not know is only reported; the driver itself is required.
  grep -qxF "$line" "$tree/.config" || echo "build.sh: not in this kernel: $line" >&2
done < <(grep '^CONFIG' "$here/kernel.config")
grep -qx 'CONFIG_TEST_HMM=m' "$tree/.config" || stop "this kernel has no HMM test driver"
make -C "$tree" -s -j"$jobs" bzImage modules
cp "$tree/arch/x86/boot/bzImage" "$tree/lib/test_hmm.ko" "$output/"
make -C "$tree" -s kernelrelease >"$output/version"
echo "build.sh: $output/bzImage and test_hmm.ko of $(cat "$output/version")"
