#!/bin/sh
# Installs what is missing: Debian packages that npm cannot carry, then the npm packages under the
# pinned Node. Every npm verb calls it first; it says nothing when nothing is missing.
#   sh apps/local/setup.sh [--browser]     --browser: also Chromium, for the end-to-end tests
# It starts no service and touches nothing but this repository and the packages.
set -eu

BROWSER=
case "${1:-}" in
  '') ;;
  --browser) BROWSER=yes ;;
  *) echo "usage: sh apps/local/setup.sh [--browser]" >&2 && exit 2 ;;
esac

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
cd "$ROOT"
POLICY=/usr/sbin/policy-rc.d
GOVMOMI=/usr/share/gocode/src/github.com/vmware/govmomi/simulator
HASH=node_modules/.setup-hash
SCRATCH=

say() { echo "set-up: $*"; }
fail() { echo "set-up: $*" >&2 && exit 1; }
has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

# Runs a command as root; false when there is no right to do so.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif ! has sudo; then return 1
  elif sudo -n true 2>/dev/null; then sudo -n "$@"
  elif [ -t 0 ] && [ -t 2 ]; then sudo "$@"
  else return 1
  fi
}

# The Debian packages whose commands are missing.
missing_packages() {
  [ -n "${REDIS_URL:-}${REDIS_SERVER:-}" ] || has redis-server || echo redis-server
  has ansible-playbook || echo ansible-core
  /usr/bin/python3 -c 'import winrm' 2>/dev/null || echo python3-winrm
  has sshd || echo openssh-server
  { has ssh && has ssh-agent && has ssh-keygen; } || echo openssh-client
  has go || echo golang-go
  [ -d "$GOVMOMI" ] || echo golang-github-vmware-govmomi-dev
  has git || echo git
  { has unshare && has setpriv; } || echo util-linux
  has ip || echo iproute2
  [ -z "$BROWSER" ] || [ -n "${CHROMIUM:-}" ] || has chromium || echo chromium
}

explain_and_fail() {
  cat >&2 <<END
set-up: $1
These Debian packages are needed and missing:
$(echo "$2" | sed 's/^/  /')
Install them as root:
  apt-get update && apt-get install -y --no-install-recommends $(echo "$2" | tr '\n' ' ')
or name what you have instead: REDIS_URL (a running Redis) or REDIS_SERVER (a redis-server program),
DATABASE_URL (a running PostgreSQL), CHROMIUM (a Chromium program).
END
  exit 1
}

# Packages start their services when they are installed, unless this file says no.
# An existing one is the machine's own and stays as it is.
forbid_service_starts() {
  # shellcheck disable=SC2016 # the inner shell expands
  as_root sh -c '
    printf "#!/bin/sh\n# made by diaken set-up %s\nexit 101\n" "$2" >"$1.$2"
    chmod 755 "$1.$2"
    ln "$1.$2" "$1" 2>/dev/null
    rm -f "$1.$2"' sh "$POLICY" "$$"
  [ -e "$POLICY" ] || fail "$POLICY cannot be made, so installing could start services."
}

# Takes our own policy away again, also the one of a set-up that was killed.
allow_service_starts() {
  [ -f "$POLICY" ] || return 0
  owner=$(sed -n 's/^# made by diaken set-up \([0-9]*\)$/\1/p' "$POLICY")
  [ -n "$owner" ] || return 0
  if [ "$owner" != "$$" ] && [ -d "/proc/$owner" ]; then return 0; fi
  as_root rm -f "$POLICY" || say "please remove $POLICY, left by an interrupted set-up"
}

clean_up() {
  allow_service_starts
  [ -z "$SCRATCH" ] || rm -rf "$SCRATCH"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 SYSTEMD_OFFLINE=1 RUNLEVEL=1 \
    apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >>"$SCRATCH/apt.log" 2>&1 </dev/null 9>&-
}

# The lock of the package lists knows no timeout of its own.
update_lists() {
  tries=0
  until apt update; do
    tries=$((tries + 1))
    grep -q 'Could not get lock' "$SCRATCH/apt.log" && [ "$tries" -lt 24 ] || return 1
    : >"$SCRATCH/apt.log"
    sleep 5
  done
}

install_packages() {
  wanted=$(missing_packages)
  [ -n "$wanted" ] || return 0
  has apt-get || explain_and_fail 'this machine has no apt-get.' "$wanted"
  as_root true || explain_and_fail 'not root, and sudo would ask for a password.' "$wanted"
  say "installing Debian packages: $(echo "$wanted" | tr '\n' ' ')"
  SCRATCH=${SCRATCH:-$(mktemp -d)}
  forbid_service_starts
  update_lists || say "apt-get update failed; trying with the package lists that are there"
  # shellcheck disable=SC2086 # one word for each package
  if ! apt install -y --no-install-recommends $wanted; then
    tail -n 15 "$SCRATCH/apt.log" >&2
    explain_and_fail 'apt-get failed, see above.' "$wanted"
  fi
  allow_service_starts
  wanted=$(missing_packages)
  [ -z "$wanted" ] || explain_and_fail 'still missing after apt-get.' "$wanted"
  [ ! -d /run/systemd/system ] ||
    say "no service was started; installed services would start with the machine (systemctl disable …)"
}

hash_of_lock() {
  if has sha256sum; then sha256sum <package-lock.json; else cksum <package-lock.json; fi
}

# npm writes node_modules/.package-lock.json last: newer than our lock, it means a finished install.
npm_is_done() {
  [ -x node_modules/.bin/nx ] || return 1
  [ -z "$NODE_VERSION" ] || [ -x node_modules/.bin/node ] || return 1
  [ "$(cat "$HASH" 2>/dev/null)" != "$(hash_of_lock)" ] || return 0
  [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ] || return 1
  hash_of_lock >"$HASH"
}

# What `npm run` and a .npmrc hand down must not change the install; the way to the registry stays.
forget_npm_environment() {
  for name in $(env | sed -n 's/^\(npm_[A-Za-z0-9_]*\)=.*/\1/p'); do
    case "$name" in
      npm_config_registry | npm_config_cache | npm_config_userconfig | npm_config_globalconfig) ;;
      npm_config_ca | npm_config_cafile | npm_config_strict_ssl | npm_config_fetch_*) ;;
      npm_config_*proxy | npm_config_offline | npm_config_prefer_offline | npm_config_maxsockets) ;;
      *) unset "$name" ;;
    esac
  done
  unset NODE_ENV
  # node_modules/.bin holds a Node that the install replaces.
  PATH=$(echo "$PATH" | tr ':' '\n' | grep -v '/node_modules/\.bin$' | paste -sd: -)
}

install_npm_packages() (
  say "installing npm packages as package-lock.json says; this takes about a minute"
  forget_npm_environment
  rm -f "$HASH" node_modules/.package-lock.json
  install="npm ci --no-audit --no-fund --include=dev --include=optional"
  if [ -n "$NODE_VERSION" ]; then
    # Away from the repository, so that npx does not pick a half-installed Node out of it.
    echo '{}' >"$SCRATCH/package.json"
    export DIAKEN_ROOT="$ROOT"
    cd "$SCRATCH" || exit 1
    exec npx -y -p "node-linux-$ARCH@$NODE_VERSION" -c "cd \"\$DIAKEN_ROOT\" && $install"
  else
    exec $install
  fi
)

# One set-up of a repository at a time. npm keeps the lock too: interrupted, it may end after us.
if has flock; then
  exec 9<package-lock.json
  if ! flock -n 9; then
    say "waiting for another set-up of this repository"
    flock 9
  fi
fi

allow_service_starts
install_packages

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) ARCH=x64 ;;
  Linux-aarch64 | Linux-arm64) ARCH=arm64 ;;
  *) ARCH=none ;;
esac
NODE_VERSION=$(sed -n "s/.*\"node-linux-$ARCH\": *\"\([0-9.]*\)\".*/\1/p" package.json)
if ! npm_is_done; then
  has npm || fail "npm is missing. Install Node.js 20.19 or newer (https://nodejs.org), with npm."
  SCRATCH=${SCRATCH:-$(mktemp -d)}
  install_npm_packages || fail "npm ci failed, see above. The next run installs again."
  hash_of_lock >"$HASH"
fi
