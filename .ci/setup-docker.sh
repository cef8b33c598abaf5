#!/usr/bin/env bash
# Makes a Docker engine answer: installs Debian's docker.io and starts dockerd where none runs.
# It goes on running; its output is in dockerd.log of the cache folder.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

command -v docker > /dev/null && docker_answers && exit 0

log 'Docker engine'
# iptables is only a recommendation of docker.io, but dockerd wants it.
command -v dockerd > /dev/null || apt_install docker.io iptables
command -v docker > /dev/null || apt_install docker.io
# On a machine with an init system the package has started it.
docker_answers && exit 0

mkdir -p "$MIG_CI_CACHE"
output="$MIG_CI_CACHE/dockerd.log"

start_engine() {
  # A file left by an engine that was killed, whose number may belong to another process by now.
  pgrep -x dockerd > /dev/null || as_root rm -f /var/run/docker.pid
  as_root setsid nohup dockerd "$@" > "$output" 2>&1 < /dev/null &
  local pid=$!
  for _ in $(seq 60); do
    if docker_answers; then return 0; fi
    kill -0 "$pid" 2> /dev/null || return 1
    sleep 0.5
  done
  as_root kill "$pid" 2> /dev/null || true
  return 1
}

# Some kernels lack what the firewall rules or the overlay file system need. Published ports on
# loopback need neither.
start_engine ||
  start_engine --iptables=false --ip6tables=false ||
  start_engine --iptables=false --ip6tables=false --storage-driver=vfs || {
  tail -n 30 "$output" >&2
  die "dockerd does not start, its output is in $output"
}
docker version --format 'Docker engine {{.Server.Version}}' >&2
