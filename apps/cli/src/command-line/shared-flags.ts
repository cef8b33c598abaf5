import { boolean, option, string } from './flags.ts'

const group = 'GLOBAL'

/** The flags that every command takes. */
export const sharedFlags = {
  path: string({
    char: 'p',
    summary: 'Folder of the migrations. Default is "migrations".',
    helpValue: 'DIR',
    env: 'MIG_PATH',
    helpGroup: group,
    exclusive: ['source'],
  }),
  source: string({
    summary: 'URL of the migrations, such as file:///srv/migrations.',
    helpValue: 'URL',
    env: 'MIG_SOURCE',
    helpGroup: group,
  }),
  database: string({
    char: 'd',
    summary: 'URL of the database. Falls back to DATABASE_URL if MIG_DATABASE is not set.',
    helpValue: 'URL',
    env: 'MIG_DATABASE',
    helpGroup: group,
    noCacheDefault: true,
  }),
  env: string({
    char: 'e',
    summary: 'Environment of the config file to use.',
    helpValue: 'NAME',
    env: 'MIG_ENV',
    helpGroup: group,
  }),
  config: string({
    char: 'c',
    summary: 'Config file. Default is mig.config.{ts,mts,js,mjs,json} of the project.',
    helpValue: 'FILE',
    env: 'MIG_CONFIG',
    helpGroup: group,
  }),
  'migrations-table': string({
    summary: 'Name of the version table. Default is "schema_migrations".',
    helpValue: 'NAME',
    env: 'MIG_MIGRATIONS_TABLE',
    helpGroup: group,
  }),
  role: string({
    summary: 'Role of the database to take on after connecting. PostgreSQL only.',
    helpValue: 'NAME',
    env: 'MIG_ROLE',
    helpGroup: group,
  }),
  'trust-version-table': boolean({
    summary: 'Accept triggers on the version table, which run with every step.',
    env: 'MIG_TRUST_VERSION_TABLE',
    helpGroup: group,
  }),
  lock: option({
    summary: 'How to keep others out. Default is the first that the driver offers.',
    options: ['advisory', 'transaction', 'table', 'none'] as const,
    env: 'MIG_LOCK',
    helpGroup: group,
  })(),
  'lock-timeout': string({
    summary: 'How long to wait for the lock: 500ms, 30s, 2m, 1h. Default is 60s.',
    helpValue: 'DURATION',
    env: 'MIG_LOCK_TIMEOUT',
    helpGroup: group,
  }),
  wait: string({
    summary: 'How long to wait for a database that does not answer yet. Default is 0s.',
    helpValue: 'DURATION',
    env: 'MIG_WAIT',
    helpGroup: group,
  }),
  'no-ledger': boolean({
    summary: 'Keep no ledger beside the version table.',
    env: 'MIG_NO_LEDGER',
    helpGroup: group,
  }),
  quiet: boolean({
    char: 'q',
    summary: 'Print errors and what was asked for, nothing else.',
    env: 'MIG_QUIET',
    helpGroup: group,
  }),
  verbose: boolean({
    char: 'v',
    summary: 'Print more: statements, causes of errors.',
    env: 'MIG_VERBOSE',
    helpGroup: group,
  }),
  'no-color': boolean({
    summary: 'Print no colors. NO_COLOR does the same.',
    env: 'MIG_NO_COLOR',
    helpGroup: group,
  }),
  yes: boolean({
    char: 'y',
    summary: 'Answer questions with yes.',
    env: 'MIG_YES',
    helpGroup: group,
  }),
}

/** The flags of every command that runs migrations. */
export const runFlags = {
  'dry-run': boolean({ summary: 'Show what would run, and change nothing.' }),
  'on-signal': option({
    summary: 'What the first SIGINT or SIGTERM does to the running step. Default is finish.',
    options: ['finish', 'cancel'] as const,
    env: 'MIG_ON_SIGNAL',
  })(),
}

/** The flags of every command that goes up. */
export const upFlags = {
  'out-of-order': option({
    summary:
      "What to do about versions below the database's that were never applied. Default is error.",
    options: ['error', 'warn', 'apply'] as const,
    env: 'MIG_OUT_OF_ORDER',
  })(),
  'allow-ahead': boolean({
    summary: 'A database that is newer than every file is nothing to do. For start-up scripts.',
    env: 'MIG_ALLOW_AHEAD',
  }),
}

/** The flags of every command that goes down. */
export const downFlags = {
  'missing-down': option({
    summary: 'What to do about versions without a down file. Default is error.',
    options: ['error', 'skip'] as const,
    env: 'MIG_MISSING_DOWN',
  })(),
}

/** The flag of every command that a protected environment asks before. */
export const confirmFlag = {
  confirm: string({
    summary: "The database's name, where the environment is protected.",
    helpValue: 'NAME',
  }),
}
