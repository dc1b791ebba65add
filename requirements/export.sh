#!/bin/sh
# Writes the hashed requirements, for machines without uv, from uv.lock. Needs uv.
set -eu
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never
uv export --quiet --frozen --no-emit-project --no-annotate --no-header --extra embedded --no-dev -o requirements/runtime.txt
uv export --quiet --frozen --no-emit-project --no-annotate --no-header --extra embedded --group dev -o requirements/dev.txt
# uv itself: installed first where it is missing, because it installs the rest faster than pip.
echo uv | uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header - -o requirements/uv.txt
