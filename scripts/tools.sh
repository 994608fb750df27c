#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: a Chromium for the
# browser journeys, a Postfix and a Dovecot for letters and mail, a PostgreSQL
# for Mattermost. Debian and its kin only; elsewhere put them on PATH.
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

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install puts servers on the machine without starting them: the tests start
# their own.
install() {
	if ! command -v apt-get >/dev/null; then
		echo "The tests need $*: install them." >&2
		exit 1
	fi
	local forbidden="" installed=0
	if [ ! -e /usr/sbin/policy-rc.d ]; then # a policy of the machine's own stays
		printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
		as_root chmod 755 /usr/sbin/policy-rc.d
		forbidden=yes
	fi
	echo "postfix postfix/main_mailer_type select No configuration" | as_root debconf-set-selections
	as_root apt-get update -qq
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null || installed=$?
	[ -z "$forbidden" ] || as_root rm -f /usr/sbin/policy-rc.d
	[ "$installed" = 0 ] || exit "$installed"
}

[ -x /usr/sbin/postfix ] && [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/lmtp ] && [ -x /usr/lib/dovecot/imap ] ||
	install postfix dovecot-imapd dovecot-lmtpd

# A PostgreSQL for the Mattermost server of the tests, and no cluster of the
# machine's: internal/mattermostpeer looks in the same places.
postgres() {
	[ -x "${PGBIN:-}/initdb" ] || [ -x "$(pg_config --bindir 2>/dev/null)/initdb" ] ||
		ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null
}
postgres || {
	install postgresql-common
	as_root sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
	install postgresql
}
