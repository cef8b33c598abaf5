#!/usr/bin/env bash
# Builds the golang-migrate that compatibility is tested against, and prints the path of the binary. Beside it lies
# `library`, a Go program that uses the same release as a library.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

version="${MIG_CI_GOLANG_MIGRATE_VERSION:-v4.20.0}"
package="github.com/golang-migrate/migrate/v4/cmd/migrate@$version"
tags='postgres pgx pgx5 mysql sqlite'
folder="$MIG_CI_CACHE/golang-migrate-$version"
binary="$folder/migrate"
library="$folder/library"
library_source="$ci_dir/golang-migrate-library"

if [ -x "$binary" ] && [ -x "$library" ]; then
  echo "$binary"
  exit 0
fi

log "golang-migrate $version"
mkdir -p "$folder"

with_local_go() {
  command -v go > /dev/null &&
    (cd "$folder" && CGO_ENABLED=0 GOBIN="$folder" retry go install -tags "$tags" "$package" >&2) &&
    (cd "$library_source" && CGO_ENABLED=0 retry go build -buildvcs=false -o "$library" . >&2)
}

# Debian 12's own Go is too old, so a missing or refused one is borrowed from the sid image, with the
# certificates that this machine trusts.
with_go_of_sid() {
  local certificates="${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"
  [ -f "$certificates" ] || apt_install ca-certificates
  docker run --rm --network host --volume "$folder:/out" --volume "$library_source:/src:ro" \
    --volume "$certificates:/etc/ssl/certs/ca-certificates.crt:ro" \
    --env GOPROXY --env GOFLAGS --env CGO_ENABLED=0 --env GOBIN=/out --env GOPATH=/tmp/go \
    mig-test/debian:sid sh -ec "
      apt-get update -q
      apt-get install -q -y golang-go
      go install -tags '$tags' '$package'
      cd /src && go build -buildvcs=false -o /out/library ." >&2
}

with_local_go || retry with_go_of_sid || die "golang-migrate $version could not be built"
"$binary" -version >&2
echo "$binary"
