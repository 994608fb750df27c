#!/usr/bin/env bash
# Runs every fuzzer of the module for the time given, one after the other.
set -euo pipefail
time=${1:-20s}
for package in $(go list ./...); do
	for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $name"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 5x "$package"
	done
done
