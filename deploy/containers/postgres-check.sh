#!/bin/sh
# What the official image does at its start: an empty volume becomes a cluster, then the scripts of the folder run.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb -U postgres -E UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 \
        --pwfile="$POSTGRES_PASSWORD_FILE" >/dev/null
    pg_ctl -w start -o "-c listen_addresses= -k /tmp" >/dev/null
    createdb -h /tmp -U postgres "$POSTGRES_DB"
    for script in /docker-entrypoint-initdb.d/*.sh; do PGHOST=/tmp sh "$script"; done
    pg_ctl -w -m fast stop >/dev/null
fi
[ "${1:-}" != postgres ] || shift
exec postgres -k /tmp -c listen_addresses="${POSTGRES_LISTEN:-*}" -c port="${PGPORT:-5432}" "$@"
