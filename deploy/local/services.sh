# How each part is started on one machine. Sourced, not run; needs lib.sh.

CONFIGURATION=${CONFIGURATION:-$(cat "$STATE/configuration" 2>/dev/null || echo release)}
SECRETS=$STATE/secrets
# One base moves all ports, so that two copies can run side by side.
PORT_BASE=${LOCAL_PORT_BASE:-8100}
# A worker answers for its health too, on a port of its own.
WORKER_PORT=$((PORT_BASE + 5))
SANDBOX_PORT=$((PORT_BASE + 10))
MAILBOX_PORT=$((PORT_BASE + 11))
SMTP_PORT=$((PORT_BASE + 12))
POSTGRES_PORT=$((PORT_BASE + 20))
BROKER_PORT=$((PORT_BASE + 21))
SERVICES=(invoicing payment-orchestrator notification reconciliation)
PROGRAMS=("${SERVICES[@]}" sandbox embedded-broker)
# A Tuesday: nobody real is written to from here, and the day's campaigns would wait for Monday on a Sunday.
REHEARSAL_DAY=2026-11-24
# In the order work flows, so that each can hand its work over when all are stopped.
PROCESSES=(invoicing-serve payment-orchestrator-serve notification-serve notification-work reconciliation-serve
    sandbox mail broker)

port_of() {
    case "$1" in
    invoicing) echo $((PORT_BASE + 1)) ;;
    payment-orchestrator) echo $((PORT_BASE + 2)) ;;
    notification) echo $((PORT_BASE + 3)) ;;
    reconciliation) echo $((PORT_BASE + 4)) ;;
    esac
}

schema_of() { case "$1" in payment-orchestrator) echo payments ;; *) echo "$1" ;; esac; }

program() { echo "$ROOT/.build/$CONFIGURATION/$1"; }

# What the next call of a script finds when it is not told.
keep_configuration() {
    mkdir -p "$STATE"
    echo "$CONFIGURATION" >"$STATE/configuration"
}

need_programs() {
    local name
    for name in "${PROGRAMS[@]}"; do
        [ -x "$(program "$name")" ] || fail "$(program "$name") is missing: run deploy/local/up without --no-build."
    done
}

build_programs() {
    say "building ($CONFIGURATION; the first time takes minutes: the dependencies are compiled too)"
    local name
    cd "$ROOT"
    for name in "${PROGRAMS[@]}"; do
        build_swift -c "$CONFIGURATION" --product "$name" 2>&1 | show_progress ||
            fail "the build of $name failed: the compiler's message is above."
    done
}

# Shows one line in a hundred of a long build, every error, and the end.
show_progress() {
    local line count=0
    while IFS= read -r line; do
        case "$line" in
        *error:* | "Build complete"*) echo "$line" ;;
        "["*) count=$((count + 1)); [ $((count % 100)) -ne 0 ] || say "${line:0:100}" ;;
        esac
    done
}

random_text() { openssl rand -hex 24; }

# Everything secret is made once and readable by its owner only.
make_secrets() {
    umask 077
    mkdir -p "$SECRETS/tokens" "$SECRETS/notification-key" "$SECRETS/payments-key" "$SECRETS/reconciliation-key"
    local name
    for name in {invoicing,payments,notification,reconciliation}{,_owner} sms-token sms-webhook sms-receipts smtp; do
        [ -s "$SECRETS/$name" ] || random_text >"$SECRETS/$name"
    done
    [ -s "$SECRETS/sealing-keys" ] || echo "local-1:$(openssl rand -base64 32)" >"$SECRETS/sealing-keys"
    for name in tokens notification-key payments-key reconciliation-key; do
        [ -s "$SECRETS/$name/private-key.json" ] ||
            "$(program invoicing)" mint-token --generate-keys "$SECRETS/$name" >/dev/null
    done
    # Services believe all of them: people's tokens, and the services' own when they ask each other.
    "$PYTHON" - "$SECRETS"/{tokens,notification-key,payments-key,reconciliation-key}/public-keys.json >"$SECRETS/public-keys.json" <<'PYTHON'
import json, sys
people, notification, payments, reconciliation = [json.load(open(path))["keys"] for path in sys.argv[1:]]
# Each may ask for what it needs, and nothing else: recipients, their documents and who is in the directory; who a client
# is and how one pays; payouts.
for key in notification: key.update(roles=["service"], scopes=["payments:recipients", "invoices:recipients", "invoices:read", "clients:read"])
for key in payments: key.update(roles=["service"], scopes=["clients:read", "invoices:read", "organisation:read"])
for key in reconciliation: key.update(roles=["service"], scopes=["payouts:read"])
print(json.dumps({"keys": people + notification + payments + reconciliation}))
PYTHON
}

postgres_program() { echo "$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 | sort -V | tail -1)/bin/$1"; }

psql_as_superuser() {
    as_postgres "$(postgres_program psql)" -h "$STATE/postgres-socket" -p "$POSTGRES_PORT" -U postgres -v ON_ERROR_STOP=1 -qtA "$@"
}

start_postgres() {
    local data=$STATE/postgres socket=$STATE/postgres-socket
    chmod 755 "$STATE"
    mkdir -p "$data" "$socket" "$LOGS"
    touch "$LOGS/postgres.log"
    if [ "$(id -u)" = 0 ]; then chown -R postgres:postgres "$data" "$socket" "$LOGS/postgres.log"; fi
    chmod 755 "$LOGS"
    if [ ! -s "$data/PG_VERSION" ]; then
        say "making a private PostgreSQL cluster in $data"
        as_postgres "$(postgres_program initdb)" -D "$data" -U postgres --auth-host=scram-sha-256 --auth-local=trust \
            -E UTF8 --locale=C.UTF-8 >/dev/null ||
            fail "initdb failed: see its message above."
    fi
    if ! as_postgres "$(postgres_program pg_ctl)" -D "$data" status >/dev/null 2>&1; then
        say "starting PostgreSQL on port $POSTGRES_PORT"
        (
            close_inherited_files
            as_postgres "$(postgres_program pg_ctl)" -D "$data" -l "$LOGS/postgres.log" -w -t 60 start \
                -o "-p $POSTGRES_PORT -k $socket -c listen_addresses=127.0.0.1 -c max_connections=200" >/dev/null
        ) ||
            fail "PostgreSQL did not start: see $LOGS/postgres.log; perhaps port $POSTGRES_PORT is taken (LOCAL_PORT_BASE moves all ports)."
    fi
    [ "$(psql_as_superuser -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = 'quittance'")" = 1 ] ||
        psql_as_superuser -d postgres -c "CREATE DATABASE quittance"
    # The passwords reach psql by its input: a command line can be read by everybody.
    {
        local role
        echo "SET client_min_messages = warning;"
        for role in {invoicing,payments,notification,reconciliation}{,_owner}; do
            echo "\\set ${role}_password '$(cat "$SECRETS/$role")'"
        done
        cat "$ROOT/deploy/database/roles.sql"
    } | psql_as_superuser -d quittance -f - >/dev/null || fail "making the roles failed: see the message above."
}

stop_postgres() {
    [ -s "$STATE/postgres/postmaster.pid" ] || return 0
    as_postgres "$(postgres_program pg_ctl)" -D "$STATE/postgres" -m fast -w -t 60 stop >/dev/null || true
}

# A new broker is empty. What the services have published goes into it again before anything newer can.
start_broker() {
    is_running broker && port_open "$BROKER_PORT" 2>/dev/null && return 0
    stop broker
    local service
    for service in "${SERVICES[@]}"; do
        with_settings "$service" "$(program "$service")" replay --rebuild >>"$LOGS/$service-replay.log" 2>&1 ||
            fail "$service could not publish its journal again: see $LOGS/$service-replay.log."
    done
    say "starting the local broker on port $BROKER_PORT"
    start broker "$(program embedded-broker)" --port "$BROKER_PORT"
    wait_for 10 broker port_open "$BROKER_PORT" || fail "the broker did not start: see $LOGS/broker.log."
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

start_outside_world() {
    is_running sandbox || say "starting the stand-ins for Alma, SMSFactor and the bank on port $SANDBOX_PORT, mail on $SMTP_PORT"
    start sandbox "$(program sandbox)" --port "$SANDBOX_PORT" --sms-account "$(cat "$SECRETS/sms-token")=1000000" --webhook-delay 20
    start mail "$PYTHON" "$ROOT/Tests/Sandbox/Mail/mail_server.py" --smtp-port "$SMTP_PORT" --http-port "$MAILBOX_PORT" \
        --tls-directory "$STATE/mail-tls" --require-starttls --user quittance --password "$(cat "$SECRETS/smtp")"
    wait_for 15 sandbox answers "http://127.0.0.1:$SANDBOX_PORT/control/summary" || fail "the sandbox did not start: see $LOGS/sandbox.log."
    wait_for 15 mail answers "http://127.0.0.1:$MAILBOX_PORT/health" || fail "the mail server did not start: see $LOGS/mail.log."
    curl -fsS -X POST "http://127.0.0.1:$SANDBOX_PORT/control/sms/accounts" -d "{\"token\":\"$(cat "$SECRETS/sms-token")\",\"credits\":1000000,\"receiptURL\":\"http://127.0.0.1:$(port_of notification)/webhooks/smsfactor/receipts\",\"stopURL\":\"http://127.0.0.1:$(port_of notification)/webhooks/smsfactor/replies\",\"signature\":\"$(cat "$SECRETS/sms-webhook")\",\"signatureMode\":\"hmac\"}" >/dev/null
}

# environment SERVICE: its settings, one NAME=VALUE a line; secrets are given as files.
environment() {
    cat <<SETTINGS
QUITTANCE_HTTP_PORT=$(port_of "$1")
QUITTANCE_TOKEN_KEYS_FILE=$SECRETS/public-keys.json
QUITTANCE_POSTGRES_PORT=$POSTGRES_PORT
QUITTANCE_POSTGRES_PASSWORD_FILE=$SECRETS/$(schema_of "$1")
QUITTANCE_KAFKA_SERVERS=127.0.0.1:$BROKER_PORT
QUITTANCE_KAFKA_TOPICS=ignore
QUITTANCE_KAFKA_SESSION_TIME=6s
QUITTANCE_KAFKA_PROPERTIES=fetch.wait.max.ms=20,heartbeat.interval.ms=1000
SETTINGS
    case "$1" in
    invoicing)
        cat <<SETTINGS
QUITTANCE_PUBLIC_URL=http://127.0.0.1:$(port_of payment-orchestrator)
QUITTANCE_OVERDUE_EVERY=2s
SETTINGS
        ;;
    payment-orchestrator)
        cat <<SETTINGS
QUITTANCE_SEALING_KEYS_FILE=$SECRETS/sealing-keys
QUITTANCE_PUBLIC_URL=http://127.0.0.1:$(port_of payment-orchestrator)
QUITTANCE_INVOICING_URL=http://127.0.0.1:$(port_of invoicing)
QUITTANCE_SIGNING_KEY_FILE=$SECRETS/payments-key/private-key.json
QUITTANCE_PROVIDER_MODE=test
QUITTANCE_ALMA_TEST_URL=http://127.0.0.1:$SANDBOX_PORT/alma
QUITTANCE_STRIPE_URL=http://127.0.0.1:$SANDBOX_PORT/stripe
QUITTANCE_PAYPAL_TEST_URL=http://127.0.0.1:$SANDBOX_PORT/paypal
QUITTANCE_PAYPAL_CERTIFICATES_URL=http://127.0.0.1:$SANDBOX_PORT/paypal/v1/notifications/certs
SETTINGS
        ;;
    notification)
        cat <<SETTINGS
QUITTANCE_PAYMENTS_URL=http://127.0.0.1:$(port_of payment-orchestrator)
QUITTANCE_INVOICING_URL=http://127.0.0.1:$(port_of invoicing)
QUITTANCE_SIGNING_KEY_FILE=$SECRETS/notification-key/private-key.json
QUITTANCE_SMSFACTOR_URL=http://127.0.0.1:$SANDBOX_PORT/smsfactor
QUITTANCE_SMSFACTOR_TOKEN_FILE=$SECRETS/sms-token
QUITTANCE_SMSFACTOR_WEBHOOK_SECRET_FILE=$SECRETS/sms-webhook
QUITTANCE_RECEIPT_SECRET_FILE=$SECRETS/sms-receipts
QUITTANCE_SMTP_HOST=localhost
QUITTANCE_SMTP_PORT=$SMTP_PORT
QUITTANCE_SMTP_USER=quittance
QUITTANCE_SMTP_PASSWORD_FILE=$SECRETS/smtp
QUITTANCE_SMTP_CERTIFICATE_AUTHORITY=$STATE/mail-tls/ca.pem
QUITTANCE_REHEARSAL_DAY=$REHEARSAL_DAY
SETTINGS
        ;;
    reconciliation)
        cat <<SETTINGS
QUITTANCE_PAYMENTS_URL=http://127.0.0.1:$(port_of payment-orchestrator)
QUITTANCE_SIGNING_KEY_FILE=$SECRETS/reconciliation-key/private-key.json
QUITTANCE_LATE_PAYOUTS_EVERY=5s
SETTINGS
        ;;
    esac
}

with_settings() { # SERVICE COMMAND ...
    local service=$1
    shift
    env $(environment "$service") "$@"
}

migrate() {
    local owner
    owner=$(schema_of "$1")_owner
    QUITTANCE_POSTGRES_MIGRATION_USER=$owner QUITTANCE_POSTGRES_MIGRATION_PASSWORD_FILE=$SECRETS/$owner \
        with_settings "$1" "$(program "$1")" migrate >>"$LOGS/$1-migrate.log" 2>&1 ||
        fail "the migration of $1 failed: see $LOGS/$1-migrate.log."
}

start_service() { # SERVICE ROLE
    local extra=()
    [ "$2" = work ] && extra=("QUITTANCE_HTTP_PORT=$WORKER_PORT")
    is_running "$1-$2" && return 0
    say "starting $1 $2"
    local settings
    mapfile -t settings < <(environment "$1")
    (
        export "${settings[@]}" "${extra[@]}"
        start "$1-$2" "$(program "$1")" "$2"
    )
}

start_process() { # NAME
    case "$1" in
    *-serve) start_service "${1%-serve}" serve ;;
    *-work) start_service "${1%-work}" work ;;
    broker) start_broker ;;
    sandbox | mail) start_outside_world ;;
    postgres) start_postgres ;;
    esac
}

kill_process() { # NAME
    case "$1" in
    postgres) as_postgres "$(postgres_program pg_ctl)" -D "$STATE/postgres" -m immediate -w -t 60 stop >/dev/null ;;
    *) kill_at_once "$1" ;;
    esac
}

freeze_process() { # NAME
    kill -STOP $(ids_of "$1")
}

thaw_process() { # NAME
    kill -CONT $(ids_of "$1")
}

# PostgreSQL is a process for each connection too.
ids_of() { # NAME
    local id
    if [ "$1" != postgres ]; then
        is_running "$1" || fail "$1 does not run."
        cat "$RUN/$1.pid"
    else
        id=$(head -1 "$STATE/postgres/postmaster.pid")
        echo "$id $(cat "/proc/$id/task/$id/children")"
    fi
}

wait_until_ready() {
    wait_for 30 "$1" answers "http://127.0.0.1:$(port_of "$1")/health/ready" ||
        fail "$1 is not ready after 30 seconds: http://127.0.0.1:$(port_of "$1")/health/ready and $LOGS/$1-serve.log say why."
}
