# Shared by the commands of bin/: sets up what they need, once. Sourced, never run; POSIX sh.
# shellcheck shell=sh

cd "$(dirname "$0")/.." || exit 1
PYTHON=.venv/bin/python

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Run quietly; when it fails, show its last lines without any address (which may name a private package mirror).
quietly() {
    output=$(mktemp)
    if "$@" </dev/null >"$output" 2>&1; then
        rm -f "$output"
    else
        tail -n 15 "$output" | sed -E 's#[a-zA-Z+]+://[^[:space:]]+#(address)#g; s#host=[^[:space:],)]+#host=(host)#g' >&2
        rm -f "$output"
        return 1
    fi
}

# Install Debian packages as root or with a sudo that asks nothing; otherwise say what to type.
debian() {
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        as_root=none
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        fail "Cabas needs what Debian calls $*: install it with your system's package manager, then start again."
    fi
    [ "$as_root" = none ] && fail "Cabas needs some packages. Type: sudo apt-get install $*"
    say "Installing $* …"
    # shellcheck disable=SC2086  # as_root is empty or two words
    quietly $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" && return
    # shellcheck disable=SC2086
    quietly $as_root apt-get update || fail "apt-get update failed. Type: sudo apt-get update && sudo apt-get install $*"
    # shellcheck disable=SC2086
    quietly $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" ||
        fail "These packages could not be installed. Type: sudo apt-get install $*"
}

# A Python that is new enough and can make virtual environments; prints its path.
find_python() {
    for candidate in "$@"; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# .venv with exactly what requirements.txt pins; nothing is done when its stamp says so already.
python_packages() {
    stamp=.venv/requirements.sha256
    wanted=$(sha256sum requirements.txt | cut -d ' ' -f 1)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$PYTHON" -c '' 2>/dev/null; then
        return
    fi
    if ! "$PYTHON" -m pip --version >/dev/null 2>&1; then
        say "Making a virtual environment in .venv …"
        interpreters="/usr/bin/python3 python3.11 python3.12 python3.13 python3"
        # shellcheck disable=SC2086  # a list of words
        python=$(find_python $interpreters) || {
            debian python3-venv
            # shellcheck disable=SC2086
            python=$(find_python $interpreters) || fail "Cabas needs Python 3.11 or newer with its venv module."
        }
        rm -rf .venv
        quietly "$python" -m venv .venv || fail "The virtual environment .venv could not be made."
    fi
    say "Installing the Python packages of requirements.txt (once) …"
    quietly "$PYTHON" -m pip install --disable-pip-version-check --no-input -q --no-compile --only-binary :all: --require-hashes \
        -r requirements.txt || fail "The Python packages could not be installed: is there a network?"
    printf '%s\n' "$wanted" >"$stamp"
}

# What WeasyPrint loads. Fonts come with Cabas; DejaVu is for what else a page may need.
pdf_libraries() {
    known=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null) || known=""
    for library in libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0; do
        case $known in
        *"$library"*) ;;
        *)
            "$PYTHON" -c "import ctypes; ctypes.CDLL('$library')" 2>/dev/null || {
                debian libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core
                return
            }
            ;;
        esac
    done
}

browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return
    done
    debian chromium
}

# The usual beginning of every command.
set_up() {
    python_packages
    pdf_libraries
}

# Settings a person may have exported for something else must not reach a command that is to give the same answer anywhere.
forget_settings() {
    for name in DATABASE_URL DATABASE_OWNER_URL REDIS_URL SECRET_KEY EMAIL_URL STRIPE_SECRET_KEY STRIPE_PUBLISHABLE_KEY \
        STRIPE_WEBHOOK_SECRET STRIPE_API_BASE SENTRY_DSN; do
        unset "$name" "${name}_FILE"
    done
    unset ALLOWED_HOSTS SITE_URL DEFAULT_FROM_EMAIL TIME_ZONE CURRENCY MAP_TILE_URL TRUSTED_PROXIES DEBUG DEMO
}

# with_servers [--fast] COMMAND …: with the embedded PostgreSQL and Valkey of CABAS_HOME up.
with_servers() {
    if [ "$1" = --fast ]; then
        shift
        "$PYTHON" -m hub.embedded run --fast -- "$@"
    else
        "$PYTHON" -m hub.embedded run -- "$@"
    fi
}
