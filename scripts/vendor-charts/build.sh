#!/usr/bin/env bash
# Rebuild the chart bundle from package-lock.json. Needs npm; users of Huiyin do not.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
vendor=$here/../../src/huiyin/doors/static/huiyin/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here"/{package.json,package-lock.json,charts.js,build.mjs} "$work"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund
node build.mjs "$vendor/echarts.min.js"
{
    cat node_modules/echarts/NOTICE
    echo
    cat node_modules/echarts/LICENSE
    echo
    echo "zrender"
    echo
    cat node_modules/zrender/LICENSE
    echo
    echo "tslib"
    echo
    cat node_modules/tslib/LICENSE.txt
} >"$vendor/LICENSE-echarts.txt"
ls -l "$vendor"
