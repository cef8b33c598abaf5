import { describe, test } from 'vitest'
import type { Availability, AvailabilityTable } from './availability.ts'
import type { DatabaseKind, ServerKind } from './database-kind.ts'
import { readRunEnvironment } from './run-environment.ts'
import { TestDatabaseError } from './test-database-error.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** The database that a test runs on, set by `describeDatabase`; reporters see it. */
    database?: string
  }
}

/**
 * Describes tests that need a database, once for each kind. Where a kind cannot be had the suite is
 * skipped with the reason in its name, or fails if `MIG_REQUIRE_DATABASES` is `1`.
 *
 * @throws `INVALID_USE` if `@mig/testing/vitest-setup` is not in vitest's `globalSetup`.
 *
 * @example
 * ```ts
 * import { testDatabase } from '@mig/testing'
 * import { describeDatabase } from '@mig/testing/vitest'
 * import { expect, test } from 'vitest'
 *
 * describeDatabase(['postgres', 'mysql'], 'my program', (kind) => {
 *   test('has a database', async () => {
 *     await using database = await testDatabase(kind)
 *     expect(database.url).toContain(database.name)
 *   })
 * })
 * ```
 */
export function describeDatabase<Kind extends DatabaseKind>(
  kinds: Kind | readonly Kind[],
  name: string,
  script: (kind: Kind) => void,
): void {
  describeEach('shared', kinds, name, script)
}

/**
 * As {@link describeDatabase}, for tests that start a server of their own with `startServer`.
 */
export function describeOwnServer<Kind extends ServerKind>(
  kinds: Kind | readonly Kind[],
  name: string,
  script: (kind: Kind) => void,
): void {
  describeEach('own', kinds, name, script)
}

function describeEach<Kind extends DatabaseKind>(
  use: keyof AvailabilityTable,
  kinds: Kind | readonly Kind[],
  name: string,
  script: (kind: Kind) => void,
): void {
  const run = readRunEnvironment()
  if (run === undefined) {
    throw new TestDatabaseError(
      'INVALID_USE',
      "Tests on databases need '@mig/testing/vitest-setup' in globalSetup of the vitest config",
    )
  }
  for (const kind of typeof kinds === 'string' ? [kinds] : kinds) {
    describeOne(kind, `${name} on ${kind}`, run.availability[use][kind], () => script(kind))
  }
}

function describeOne(
  kind: DatabaseKind,
  title: string,
  availability: Availability,
  script: () => void,
): void {
  const meta = { database: kind }
  if (availability.available) {
    describe(title, { meta }, script)
  } else if (process.env['MIG_REQUIRE_DATABASES'] === '1') {
    test(title, { meta }, () => {
      throw new TestDatabaseError('DATABASE_UNAVAILABLE', `No ${kind}: ${availability.reason}`)
    })
  } else {
    describe.skip(`${title} (${availability.reason})`, { meta }, script)
  }
}
