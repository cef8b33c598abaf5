# shellcheck shell=bash
# What the scripts of this folder share. Source it; it sets no options.

# Everything that outlives one run: binaries, logs. Images live in the Docker engine.
MIG_CI_CACHE="${MIG_CI_CACHE:-/var/cache/mig-ci}"

# shellcheck disable=SC2034 # used by the scripts that source this file
ci_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

log() {
  printf '\n== %s\n' "$*" >&2
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command up to three times: mirrors and proxies fail now and then.
retry() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return 0
    printf 'attempt %s failed: %s\n' "$attempt" "$*" >&2
    sleep $((attempt * 3))
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -E "$@"; fi
}

# Installs Debian packages that are missing.
apt_install() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  retry as_root apt-get update -q >&2 || return 1
  retry as_root apt-get install -q -y "${missing[@]}" >&2
}

docker_answers() {
  docker info > /dev/null 2>&1
}
