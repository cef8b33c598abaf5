export { databaseAvailability } from './availability.ts'
export type { Availability, AvailabilityOptions } from './availability.ts'
export { databaseKinds } from './database-kind.ts'
export type { DatabaseKind, ServerKind } from './database-kind.ts'
export { sharedServer, startServer, stopServers, testDatabase } from './servers.ts'
export { TestDatabaseError } from './test-database-error.ts'
export type { TestDatabaseErrorCode } from './test-database-error.ts'
export type {
  OwnServer,
  Provider,
  StartServerOptions,
  TestDatabase,
  TestServer,
} from './test-server.ts'
