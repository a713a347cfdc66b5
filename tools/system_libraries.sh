#!/usr/bin/env bash
# Installs the few system packages that the Python wheels count on and that bare Debian images lack.
# Usage: system_libraries.sh app|test. Never fails: what cannot be installed is said, and the import or the skipped test
# says the rest.
set -u

wanted=()
if [ "$(uname)" = Linux ]; then
    loaded=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
    need() { [[ $loaded == *"$1"* ]] || wanted+=("$2"); }
    need libgomp.so.1 libgomp1        # dgl
    need libXrender.so.1 libxrender1  # RDKit's drawing
    need libXext.so.6 libxext6
    need libexpat.so.1 libexpat1
    if [ "$1" = test ] && ! command -v chromium chromium-browser google-chrome >/dev/null; then
        wanted+=(chromium)            # tests/browser; they are skipped without it
    fi
fi
[ ${#wanted[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${wanted[*]} with apt."
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >/dev/null 2>&1 ||
        echo "apt could not install ${wanted[*]}; going on without." >&2
else
    echo "Missing system packages: ${wanted[*]}. Install them with the system's package manager if the start fails." >&2
fi
exit 0
