#!/bin/sh
# Run once by the PostgreSQL image on an empty volume: the roles and schemas, with passwords from secrets.
set -eu
{
    for schema in invoicing payments notification reconciliation; do
        for role in "$schema" "${schema}_owner"; do
            echo "\\set ${role}_password '$(cat "/run/secrets/${role}_password")'"
        done
    done
    cat /quittance/roles.sql
} | psql -v ON_ERROR_STOP=1 -q -U postgres -d quittance -f -
