#!/bin/sh
# Takes the environment of the official image: MYSQL_ROOT_PASSWORD, MYSQL_DATABASE, MYSQL_USER,
# MYSQL_PASSWORD, or the same with MARIADB_.
set -eu

root_password="${MARIADB_ROOT_PASSWORD:-${MYSQL_ROOT_PASSWORD:-}}"
database="${MARIADB_DATABASE:-${MYSQL_DATABASE:-}}"
user="${MARIADB_USER:-${MYSQL_USER:-}}"
password="${MARIADB_PASSWORD:-${MYSQL_PASSWORD:-}}"
prepared=/var/lib/mysql/.prepared

literal() {
  printf "'%s'" "$(printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g")"
}

name() {
  # shellcheck disable=SC2016 # the quotes of MySQL, not of the shell
  printf '`%s`' "$(printf '%s' "$1" | sed -e 's/`/``/g')"
}

# The data folder is made at build time; what depends on the environment is done once, by the
# server itself, before it accepts a connection.
if [ ! -e "$prepared" ]; then
  {
    echo "CREATE USER IF NOT EXISTS 'root'@'%';"
    echo "ALTER USER 'root'@'%' IDENTIFIED BY $(literal "$root_password");"
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(literal "$root_password");"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    [ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS $(name "$database");"
    if [ -n "$user" ]; then
      echo "CREATE USER IF NOT EXISTS $(literal "$user")@'%' IDENTIFIED BY $(literal "$password");"
      [ -z "$database" ] || echo "GRANT ALL ON $(name "$database").* TO $(literal "$user")@'%';"
    fi
  } > /tmp/init.sql
  set -- --init-file=/tmp/init.sql "$@"
  touch "$prepared"
fi

exec mariadbd "$@"
