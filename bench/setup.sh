#!/bin/sh
# What the benchmark needs beside the Python environment: a C compiler and the Node peer's packages. Quick when both are there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v cc >/dev/null 2>&1 || ! echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "bench: a C compiler is missing; as root: apt-get install gcc libc6-dev" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev
fi

if ! command -v npm >/dev/null 2>&1; then
    echo "bench: npm is missing; the Node peer needs Node 20 or newer" >&2
    exit 1
fi

cd "$here/peers/node"
if ! cmp -s package-lock.json node_modules/.installed; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error # the add-on comes with its binary; nothing is compiled
    cp package-lock.json node_modules/.installed
fi
