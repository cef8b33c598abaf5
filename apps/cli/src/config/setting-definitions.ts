/** How the text of a setting is read. */
type SettingKind = 'text' | 'path' | 'boolean' | 'duration'

/** One setting: where it may come from, and how its text is read. */
export interface SettingDefinition {
  /** The flag, without its dashes. */
  readonly flag: string
  /** Environment variables, the first that is set counts. */
  readonly variables: readonly string[]
  /** Whether a config file may say it, under the setting's own name. */
  readonly inConfig: boolean
  readonly kind: SettingKind
  readonly options?: readonly string[]
  /** The flag says the opposite of the setting, as `--no-ledger` does. */
  readonly negated?: boolean
  readonly fallback?: string | boolean | number
}

const define = <const T extends Readonly<Record<string, SettingDefinition>>>(definitions: T): T =>
  definitions

/** Every setting of the command line, by its name in config files. */
export const settingDefinitions = define({
  env: { flag: 'env', variables: ['MIG_ENV'], inConfig: true, kind: 'text' },
  database: {
    flag: 'database',
    variables: ['MIG_DATABASE', 'DATABASE_URL'],
    inConfig: true,
    kind: 'text',
  },
  path: {
    flag: 'path',
    variables: ['MIG_PATH'],
    inConfig: true,
    kind: 'path',
    fallback: 'migrations',
  },
  source: { flag: 'source', variables: ['MIG_SOURCE'], inConfig: true, kind: 'text' },
  migrationsTable: {
    flag: 'migrations-table',
    variables: ['MIG_MIGRATIONS_TABLE'],
    inConfig: true,
    kind: 'text',
  },
  role: { flag: 'role', variables: ['MIG_ROLE'], inConfig: true, kind: 'text' },
  trustVersionTable: {
    flag: 'trust-version-table',
    variables: ['MIG_TRUST_VERSION_TABLE'],
    inConfig: true,
    kind: 'boolean',
    fallback: false,
  },
  lock: {
    flag: 'lock',
    variables: ['MIG_LOCK'],
    inConfig: true,
    kind: 'text',
    options: ['advisory', 'transaction', 'table', 'none'],
  },
  lockTimeout: {
    flag: 'lock-timeout',
    variables: ['MIG_LOCK_TIMEOUT'],
    inConfig: true,
    kind: 'duration',
    fallback: 60_000,
  },
  wait: {
    flag: 'wait',
    variables: ['MIG_WAIT'],
    inConfig: true,
    kind: 'duration',
    fallback: 0,
  },
  ledger: {
    flag: 'no-ledger',
    variables: ['MIG_NO_LEDGER'],
    inConfig: true,
    kind: 'boolean',
    negated: true,
    fallback: true,
  },
  missingDown: {
    flag: 'missing-down',
    variables: ['MIG_MISSING_DOWN'],
    inConfig: true,
    kind: 'text',
    options: ['error', 'skip'],
    fallback: 'error',
  },
  outOfOrder: {
    flag: 'out-of-order',
    variables: ['MIG_OUT_OF_ORDER'],
    inConfig: true,
    kind: 'text',
    options: ['error', 'warn', 'apply'],
    fallback: 'error',
  },
  allowAhead: {
    flag: 'allow-ahead',
    variables: ['MIG_ALLOW_AHEAD'],
    inConfig: true,
    kind: 'boolean',
    fallback: false,
  },
  onSignal: {
    flag: 'on-signal',
    variables: ['MIG_ON_SIGNAL'],
    inConfig: true,
    kind: 'text',
    options: ['finish', 'cancel'],
    fallback: 'finish',
  },
  template: { flag: 'template', variables: ['MIG_TEMPLATE'], inConfig: true, kind: 'path' },
  quiet: {
    flag: 'quiet',
    variables: ['MIG_QUIET'],
    inConfig: false,
    kind: 'boolean',
    fallback: false,
  },
  verbose: {
    flag: 'verbose',
    variables: ['MIG_VERBOSE'],
    inConfig: false,
    kind: 'boolean',
    fallback: false,
  },
  yes: { flag: 'yes', variables: ['MIG_YES'], inConfig: false, kind: 'boolean', fallback: false },
})

/** Name of a setting. */
export type SettingName = keyof typeof settingDefinitions

/** Names of all settings, in the order in which they are shown. */
export const settingNames: readonly SettingName[] = Object.keys(settingDefinitions) as SettingName[]
