#!/usr/bin/env bash
# Builds the database images of the test suite out of Debian packages, without a container registry:
#   mig-test/postgres:15  mig-test/postgres:18  mig-test/mysql:9  mig-test/mariadb:10.11
# An image whose files have not changed since it was built is left alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# image, folder, Debian release
images='
mig-test/postgres:15 postgres bookworm
mig-test/postgres:18 postgres sid
mig-test/mysql:9 mysql sid
mig-test/mariadb:10.11 mariadb bookworm
'

# The hash of a folder's file names, modes and contents.
folder_hash() {
  (cd "$ci_dir/images/$1" && find . -type f | LC_ALL=C sort |
    while read -r file; do printf '%s %s ' "$file" "$(stat -c %A "$file" | cut -c4)"; cat "$file"; done |
    sha256sum | cut -c1-16)
}

# The label of an image, or nothing.
image_hash() {
  docker image inspect --format '{{index .Config.Labels "mig-test.hash"}}' "$1" 2> /dev/null || true
}

# The mirror this machine installs from, if apt knows one.
mirror() {
  # shellcheck disable=SC2016 # apt's own variables
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
    awk '$1 == "Debian" { print $2; exit }'
}

bootstrap() {
  local release="$1" tree="$2" from="${3:-}"
  as_root rm -rf "$tree"
  as_root debootstrap --variant=minbase "$release" "$tree" ${from:+"$from"} > "$tree.log" 2>&1 || {
    tail -n 5 "$tree.log" >&2
    return 1
  }
}

# A Debian release as an image, told to start no services.
build_release() {
  local release="$1" image="mig-test/debian:$1" hash tree
  hash="$(folder_hash debian)"
  log "$image"
  tree="$(mktemp -d)/$release"
  retry bootstrap "$release" "$tree" "$(mirror)" || bootstrap "$release" "$tree" || return 1
  as_root rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/*
  as_root cp -R "$ci_dir"/images/debian/. "$tree"/
  as_root tar -C "$tree" -c . | docker import --change 'ENV LANG=C.UTF-8' \
    --change "LABEL mig-test.hash=$hash" - "$image" > /dev/null || return 1
  as_root rm -rf "$(dirname "$tree")"
}

build_image() {
  local image="$1" folder="$2" base="mig-test/debian:$3" hash
  hash="$(folder_hash "$folder")-$(image_hash "$base")"
  [ "$(image_hash "$image")" != "$hash" ] || return 0
  log "$image"
  local output
  output="$(mktemp)"
  # The old builder, because the new one needs a plugin that Debian's package lacks.
  DOCKER_BUILDKIT=0 retry docker build --network host --build-arg "BASE=$base" \
    --label "mig-test.hash=$hash" -t "$image" "$ci_dir/images/$folder" > "$output" 2>&1 || {
    tail -n 30 "$output" >&2
    return 1
  }
  rm -f "$output"
}

jobs_started=()

# Waits for the background jobs and fails if one of them did.
wait_all() {
  local job failed=0
  for job in "${jobs_started[@]}"; do wait "$job" || failed=1; done
  jobs_started=()
  [ "$failed" = 0 ]
}

for release in bookworm sid; do
  if [ "$(image_hash "mig-test/debian:$release")" != "$(folder_hash debian)" ]; then
    apt_install debootstrap
    build_release "$release" &
    jobs_started+=($!)
  fi
done
wait_all || die 'a Debian tree could not be made'

# In pairs: there are two cores, and one of a pair mostly waits for the network.
while read -r image folder release; do
  [ -n "$image" ] || continue
  build_image "$image" "$folder" "$release" &
  jobs_started+=($!)
  [ "${#jobs_started[@]}" -lt 2 ] || wait_all || die 'an image could not be built'
done <<< "$images"
wait_all || die 'an image could not be built'
