#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: a Chromium for the
# browser journeys, a Postfix and a Dovecot for letters and mail. Debian and its
# kin only; elsewhere put them on PATH.
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

# Mail servers, installed but not started: the tests start their own.
[ -x /usr/sbin/postfix ] && [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/lmtp ] && [ -x /usr/lib/dovecot/imap ] || {
	if ! command -v apt-get >/dev/null; then
		echo "The tests of mail need Postfix and Dovecot (IMAP and LMTP): install them." >&2
		exit 1
	fi
	sudo=""
	[ "$(id -u)" = 0 ] || sudo=sudo
	forbidden=""
	if [ ! -e /usr/sbin/policy-rc.d ]; then # a policy of the machine's own stays
		printf '#!/bin/sh\nexit 101\n' | $sudo tee /usr/sbin/policy-rc.d >/dev/null
		$sudo chmod 755 /usr/sbin/policy-rc.d
		forbidden=yes
	fi
	echo "postfix postfix/main_mailer_type select No configuration" | $sudo debconf-set-selections
	$sudo apt-get update -qq
	installed=0
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postfix dovecot-imapd dovecot-lmtpd >/dev/null || installed=$?
	[ -z "$forbidden" ] || $sudo rm -f /usr/sbin/policy-rc.d
	[ "$installed" = 0 ] || exit "$installed"
}
