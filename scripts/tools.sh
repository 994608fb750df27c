#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: a Chromium for the
# browser journeys, and real mail servers, which the tests start themselves.
# Debian and its kin only; elsewhere put chromium, postfix and dovecot on PATH.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
	missing+=(chromium fonts-liberation)
[ -x /usr/lib/postfix/sbin/master ] || missing+=(postfix)
[ -x /usr/lib/dovecot/imap ] || missing+=(dovecot-imapd)
[ -x /usr/lib/dovecot/lmtp ] || missing+=(dovecot-lmtpd)
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "The tests need ${missing[*]}: install them and put them on PATH." >&2
	exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
# The servers are not to run by themselves: nothing starts them while this
# file is there. One that is there already is somebody else's.
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
	printf '#!/bin/sh\nexit 101\n' | $sudo tee "$guard" >/dev/null
	$sudo chmod 755 "$guard"
	trap '$sudo rm -f "$guard"' EXIT
fi
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
