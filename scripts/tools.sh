#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: a Chromium for the
# browser journeys. Debian and its kin only; elsewhere put chromium on PATH.
set -euo pipefail
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || {
	if ! command -v apt-get >/dev/null; then
		echo "The browser journeys need Chromium: install it and put it on PATH." >&2
		exit 1
	fi
	sudo=""
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -qq
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null
}
