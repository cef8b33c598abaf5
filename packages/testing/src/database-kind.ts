/** The databases that tests run on. `postgres-old` is the oldest PostgreSQL that is tested. */
export type DatabaseKind = ServerKind | 'sqlite'

/** The databases that are a server; SQLite is a file. */
export type ServerKind = 'postgres' | 'postgres-old' | 'mysql' | 'mariadb'

/** What is known about a kind of server before one runs. */
export interface ServerDefinition {
  /** Environment variable that holds the URL of a server that runs already. */
  readonly urlVariable: string
  /** Environment variable that names another image. */
  readonly imageVariable: string
  readonly defaultImage: string
  readonly protocol: 'postgres' | 'mysql'
  /** The port inside the container. */
  readonly port: number
  readonly user: string
  readonly environment: Readonly<Record<string, string>>
}

/** The password of every server that is started here; they listen on loopback only. */
export const serverPassword = 'mig'

/** The database in the URL of every server that is started here. */
export const serverDatabase = 'mig'

const postgres = {
  protocol: 'postgres',
  port: 5432,
  user: 'postgres',
  environment: { POSTGRES_PASSWORD: serverPassword, POSTGRES_DB: serverDatabase },
} as const

const mysql = {
  protocol: 'mysql',
  port: 3306,
  user: 'root',
  environment: { MYSQL_ROOT_PASSWORD: serverPassword, MYSQL_DATABASE: serverDatabase },
} as const

export const serverDefinitions: Readonly<Record<ServerKind, ServerDefinition>> = {
  postgres: {
    ...postgres,
    urlVariable: 'MIG_TEST_POSTGRES_URL',
    imageVariable: 'MIG_TEST_POSTGRES_IMAGE',
    defaultImage: 'postgres:18',
  },
  'postgres-old': {
    ...postgres,
    urlVariable: 'MIG_TEST_POSTGRES_OLD_URL',
    imageVariable: 'MIG_TEST_POSTGRES_OLD_IMAGE',
    defaultImage: 'postgres:15',
  },
  mysql: {
    ...mysql,
    urlVariable: 'MIG_TEST_MYSQL_URL',
    imageVariable: 'MIG_TEST_MYSQL_IMAGE',
    defaultImage: 'mysql:9',
  },
  mariadb: {
    ...mysql,
    urlVariable: 'MIG_TEST_MARIADB_URL',
    imageVariable: 'MIG_TEST_MARIADB_IMAGE',
    defaultImage: 'mariadb:10.11',
  },
}

/** Every kind, in the order in which reports list them. */
export const databaseKinds: readonly DatabaseKind[] = [
  'postgres',
  'postgres-old',
  'mysql',
  'mariadb',
  'sqlite',
]

/** The URL of a server that the environment names, if it does. */
export function environmentUrl(kind: ServerKind): string | undefined {
  return process.env[serverDefinitions[kind].urlVariable] || undefined
}

/** The image that a container of this kind is made of. */
export function imageOf(kind: ServerKind): string {
  const { imageVariable, defaultImage } = serverDefinitions[kind]
  return process.env[imageVariable] || defaultImage
}
