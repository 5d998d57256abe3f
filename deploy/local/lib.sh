# What the scripts of this folder share. Sourced, not run.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Everything these scripts make lives here; remove it with `deploy/local/down --purge`.
if [ "$(id -u)" = 0 ]; then DEFAULT_STATE=/var/lib/quittance-local; else DEFAULT_STATE=$HOME/.local/share/quittance; fi
STATE=${LOCAL_STATE:-$DEFAULT_STATE}
RUN=$STATE/run
LOGS=$STATE/logs
# Copies of the system, as the tests make, can share one Python environment.
PYTHON_ENVIRONMENT=${LOCAL_PYTHON:-$STATE/python}
PYTHON=$PYTHON_ENVIRONMENT/bin/python3
# One flag set for every build, so that no build undoes another.
SWIFT_FLAGS=(--explicit-target-dependency-import-check error)
STARTED=$SECONDS

say() { printf '[%3ds] %s\n' $((SECONDS - STARTED)) "$*"; }

# fail SENTENCE: says what is wrong and what to do, and ends.
fail() {
    printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; else "$@"; fi
}

# build_swift ARGUMENT ...: for each module the compiler leaves a folder among the temporary files; these go at once.
build_swift() {
    local folder status=0
    folder=$(mktemp -d)
    TMPDIR=$folder swift build "${SWIFT_FLAGS[@]}" "$@" || status=$?
    rm -rf "$folder"
    return $status
}

is_running() { # NAME
    local pid
    [ -f "$RUN/$1.pid" ] || return 1
    pid=$(cat "$RUN/$1.pid")
    # The command is compared too: a number can have passed to another process.
    [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$(cat "$RUN/$1.command")"
}

# Closes what a caller may have left open: a program that stays would hold it, and the caller wait for its end.
close_inherited_files() {
    local file
    for file in /proc/"$BASHPID"/fd/*; do
        file=${file##*/}
        # 255 is the script itself.
        if [ "$file" -gt 2 ] && [ "$file" != 255 ]; then eval "exec $file>&-"; fi
    done
}

# start NAME COMMAND [ARGUMENT ...]: runs it in the background with its output in logs/NAME.log.
start() {
    local name=$1
    shift
    is_running "$name" && return 0
    mkdir -p "$RUN" "$LOGS"
    (
        close_inherited_files
        exec setsid nohup "$@"
    ) >>"$LOGS/$name.log" 2>&1 </dev/null &
    echo $! >"$RUN/$name.pid"
    printf '%s' "$1" >"$RUN/$name.command"
}

# stop NAME: asks it to end, waits as long as a stop may take (StopBudget.swift), and only then insists.
stop() {
    is_running "$1" || { rm -f "$RUN/$1.pid" "$RUN/$1.command"; return 0; }
    local pid tries=0
    pid=$(cat "$RUN/$1.pid")
    kill -TERM "$pid"
    while ! has_ended "$pid" && [ $tries -lt 600 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    has_ended "$pid" || kill -KILL "$pid"
    rm -f "$RUN/$1.pid" "$RUN/$1.command"
}

# kill_at_once NAME: ends it without a warning, as a crash would.
kill_at_once() {
    is_running "$1" || fail "$1 does not run."
    local pid
    pid=$(cat "$RUN/$1.pid")
    kill -KILL "$pid"
    wait_for 10 "$1" has_ended "$pid" || fail "$1 (process $pid) does not end."
    rm -f "$RUN/$1.pid" "$RUN/$1.command"
}

# What is dead and not yet cleared away has no command line any more.
has_ended() { ! grep -q . "/proc/$1/cmdline" 2>/dev/null; }

# wait_for SECONDS WHAT COMMAND [ARGUMENT ...]: until the command succeeds.
wait_for() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

answers() { curl -fsS --max-time 2 "$1"; }
