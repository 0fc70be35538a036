#!/bin/sh
# The browser tests need Chromium (Debian package `chromium`). Install it when this user may;
# otherwise say what to install: the tests then show as skipped.
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests…"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 \
    && exit 0
fi
echo "Chromium is not installed: browser tests will be skipped (Debian/Ubuntu: sudo apt-get install chromium)."
