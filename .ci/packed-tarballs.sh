#!/usr/bin/env bash
# Packs every public package, installs the tarballs in an empty folder together with the oldest Node
# that users may have, and migrates an SQLite database with the `mig` command found there.
# The packages must be built.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/lib.sh

node_version=22.14.0
pnpm=(npx -y pnpm@12.20.0)
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tarballs" "$work/project/migrations"

for package in packages/* apps/*; do
  [ -f "$package/package.json" ] || continue
  if node -e "process.exit(require('./$package/package.json').private ? 0 : 1)"; then continue; fi
  (cd "$package" && "${pnpm[@]}" pack --pack-destination "$work/tarballs" > /dev/null)
done
ls "$work/tarballs"

# Each of our packages comes from its tarball, also where another one asks for it: the registry may
# have none, or other ones. The test kits ask for a newer Node than this and are not what a user of
# `mig` installs.
cd "$work/project"
cat > make-package-json.cjs << 'SCRIPT'
const { execFileSync } = require('node:child_process')
const { readdirSync, writeFileSync } = require('node:fs')
const dependencies = { node: process.argv[2], typescript: '^5.9.3', '@types/node': '^22.19.0' }
const overrides = {}
for (const file of readdirSync('../tarballs')) {
  const manifest = execFileSync('tar', ['-xOf', `../tarballs/${file}`, 'package/package.json'])
  const { name, dependencies: needs } = JSON.parse(manifest)
  for (const [need, range] of Object.entries(needs ?? {})) {
    if (/^(workspace|catalog):/.test(range)) throw new Error(`${file} needs ${need} as ${range}`)
  }
  if (['@mig/testing', '@mig/driver-testkit'].includes(name)) continue
  dependencies[name] = `file:../tarballs/${file}`
  overrides[name] = `$${name}`
}
writeFileSync(
  'package.json',
  JSON.stringify({ private: true, type: 'module', dependencies, overrides }, null, 2),
)
SCRIPT
node make-package-json.cjs "$node_version"
retry npm install --no-audit --no-fund --loglevel=error
export PATH="$work/project/node_modules/.bin:$PATH"
[ "$(node --version)" = "v$node_version" ] || die "node is $(node --version), not v$node_version"

cat > mig.config.ts << 'CONFIG'
import { defineConfig } from '@mig/cli'

const file: string = 'app.db'

export default defineConfig({ database: `sqlite://${file}` })
CONFIG
echo 'CREATE TABLE users (id integer PRIMARY KEY);' > migrations/000001_users.up.sql
echo 'DROP TABLE users;' > migrations/000001_users.down.sql

expect() {
  local wanted="$1" output
  shift
  output="$("$@")" || die "$* ended with $?"
  printf '$ %s\n%s\n' "$*" "$output"
  grep -q "$wanted" <<< "$output" || die "$* printed no \"$wanted\""
}

expect 000001 mig up
expect applied mig status
expect '^1$' mig version
expect 000001 mig down
expect none mig version

# A program of ten lines, on the engine and one driver, with its types.
cat > program.ts << 'PROGRAM'
import { createMigrator } from '@mig/core'
import { sqliteDriver } from '@mig/driver-sqlite'

const migrator = await createMigrator({ source: './migrations', driver: sqliteDriver('program.db') })
try {
  const { steps } = await migrator.up()
  console.log(`applied ${steps.map(({ version }) => version).join(', ')}`)
} finally {
  await migrator.close()
}
PROGRAM
expect '' tsc --strict --target es2022 --lib es2023 --module nodenext --skipLibCheck false program.ts
expect 'applied 1' node program.js

# The drop-in answers as golang-migrate does: on standard error.
answer="$(migrate -path migrations -database sqlite://program.db version 2>&1 > /dev/null)"
[ "$answer" = 1 ] || die "migrate version said \"$answer\", not \"1\""
