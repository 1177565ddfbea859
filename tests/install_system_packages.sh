#!/usr/bin/env bash
# Chromium, a Chinese font, poppler, PostgreSQL and LibreOffice for the tests: installed where we
# may, else the exact command is named and those tests are skipped with their reason.
set -u
missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || [ -n "${CHROMIUM:-}" ] || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ] || ! { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh)" ]; }; then missing+=(fonts-wqy-microhei); fi
command -v pdftoppm >/dev/null || missing+=(poppler-utils)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
# Apart from the others: the largest of them, and the fewest tests need it.
large=()
command -v soffice >/dev/null || command -v libreoffice >/dev/null || large+=(libreoffice-calc)
[ ${#missing[@]} -eq 0 ] && [ ${#large[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing:" "${missing[@]}" "${large[@]}"
    export DEBIAN_FRONTEND=noninteractive
    install() { [ $# -eq 0 ] || apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
    if apt-get update -qq >/dev/null; then
        install "${missing[@]}" && missing=()
        install "${large[@]}" && large=()
    fi
    [ ${#missing[@]} -eq 0 ] && [ ${#large[@]} -eq 0 ] && exit 0
fi
echo "Some tests will be skipped. To run them all: sudo apt-get install" "${missing[@]}" "${large[@]}"
