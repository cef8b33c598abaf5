import { mysqlDsn, plainPostgresUrl } from '../databases.ts'
import type { Target } from '../databases.ts'
import { gooseLayout, ternLayout } from '../layouts.ts'
import { goInstall } from './go-install.ts'
import type { Operation, Tool } from './tool.ts'

const gooseVersion = 'v3.29.0'

const gooseVerbs: Readonly<Record<Operation, string>> = {
  up: 'up',
  down: 'reset',
  version: 'version',
}

/** https://github.com/pressly/goose */
export const goose: Tool = {
  name: 'goose',
  role: 'other',
  databases: ['postgres', 'mysql', 'mariadb', 'sqlite'],
  layout: gooseLayout,
  async prepare(workshop) {
    const program = await goInstall(
      { package: 'github.com/pressly/goose/v3/cmd/goose', version: gooseVersion, binary: 'goose' },
      workshop,
    )
    return {
      version: gooseVersion,
      command: (operation, target, folder) => ({
        program,
        args: ['-dir', folder, ...gooseDatabase(target), gooseVerbs[operation]],
      }),
    }
  },
}

function gooseDatabase(target: Target): readonly string[] {
  switch (target.kind) {
    case 'postgres':
      return ['postgres', plainPostgresUrl(target)]
    case 'mysql':
    case 'mariadb':
      return ['mysql', mysqlDsn(target, 'parseTime=true')]
    case 'sqlite':
      return ['sqlite3', target.name]
  }
}

const ternVersion = 'v2.3.4'

const ternVerbs: Readonly<Record<Operation, readonly string[]>> = {
  up: ['migrate'],
  down: ['migrate', '--destination', '0'],
  version: ['status'],
}

/** https://github.com/jackc/tern */
export const tern: Tool = {
  name: 'tern',
  role: 'other',
  databases: ['postgres'],
  layout: ternLayout,
  async prepare(workshop) {
    const program = await goInstall(
      { package: 'github.com/jackc/tern/v2', version: ternVersion, binary: 'tern' },
      workshop,
    )
    return {
      version: ternVersion,
      command: (operation, target, folder) => ({
        program,
        args: [...ternVerbs[operation], '--migrations', folder, ...ternDatabase(target)],
        environment: { PGPASSWORD: target.password },
      }),
    }
  },
}

function ternDatabase({ host, port, user, name }: Target): readonly string[] {
  const flags = ['--host', host, '--port', String(port), '--user', user, '--database', name]
  return [...flags, '--sslmode', 'disable']
}
