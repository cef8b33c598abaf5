#!/bin/sh
# Takes the environment of the official image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB.
set -eu

bin=/usr/lib/postgresql/current/bin
user="${POSTGRES_USER:-postgres}"
database="${POSTGRES_DB:-$user}"

# The cluster is made at build time; what depends on the environment is done here, once, before the
# server listens.
single() {
  "$bin/postgres" --single -D "$PGDATA" -c log_min_messages=warning postgres > /dev/null
}

quote() {
  printf '%s' "$1" | sed "s/$2/$2$2/g"
}

if [ ! -e "$PGDATA/.prepared" ]; then
  name="\"$(quote "$user" '"')\""
  password="'$(quote "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD is not set}" "'")'"
  {
    [ "$user" = postgres ] || echo "CREATE ROLE $name SUPERUSER;"
    echo "ALTER ROLE $name LOGIN PASSWORD $password;"
    [ "$database" = postgres ] || echo "CREATE DATABASE \"$(quote "$database" '"')\" OWNER $name;"
  } | single
  touch "$PGDATA/.prepared"
fi

exec "$bin/postgres" -D "$PGDATA" "$@"
