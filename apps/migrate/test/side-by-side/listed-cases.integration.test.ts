import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { familyOf } from './bodies.ts'
import { mask } from './compare.ts'
import { openSideDatabase, type SideDatabase } from './database.ts'
import { listedCases } from './listed-cases/index.ts'
import type { ListedCase, ListedResult } from './listed-cases/listed-case.ts'
import { findReference } from '@mig/internal-testing'
import type { Outcome, Tool } from '@mig/internal-testing'
import { waitUntil } from './wait-until.ts'
import { migrateTool, openWorkplace } from '@mig/internal-testing'

const reference = findReference()

const running =
  "information_schema.processlist WHERE info LIKE '%holder%' AND db = DATABASE() AND id <> CONNECTION_ID()"

/** Ends the connection of whoever runs a script with the comment `holder`. MySQL's KILL takes no query. */
const endConnection = async (database: SideDatabase): Promise<void> => {
  await waitUntil(database, running)
  await database.query(
    `SET @kill = CONCAT('KILL ', (SELECT id FROM ${running})); PREPARE k FROM @kill; EXECUTE k`,
  )
}

const run = async (listed: ListedCase, tool: Tool): Promise<Outcome> => {
  using workplace = openWorkplace()
  const database = await openSideDatabase(listed.kind, workplace.folder)
  try {
    workplace.write(listed.files ?? {})
    await listed.prepare?.(workplace, database)
    const right = database.url(listed.scheme ?? familyOf(listed.kind), listed.parameters ?? '')
    const url = listed.url?.(right) ?? right
    const args = ['-path', 'm', '-database', url, ...listed.command.split(' ')]
    const [outcome] = await Promise.all([
      workplace.run(tool, args, listed.stdin),
      listed.losesConnection === true ? endConnection(database) : undefined,
    ])
    if (tool === migrateTool && listed.afterwards !== undefined) {
      await database.query(listed.afterwards)
    }
    const stderr = mask(mask(outcome.stderr, workplace.folder), database.name)
    return { ...outcome, stderr }
  } finally {
    await database.close()
  }
}

const check = (result: Outcome, wanted: ListedResult): void => {
  if (wanted.stderr instanceof RegExp) expect(result.stderr).toMatch(wanted.stderr)
  else expect(result.stderr).toBe(wanted.stderr)
  expect(result.exitCode).toBe(wanted.exitCode)
  expect(result.stdout).toBe('')
}

interface Played {
  readonly listed: ListedCase
  readonly quirk: string
  readonly wanted: ListedResult
}

const played = (
  listed: ListedCase,
  wanted: ListedResult | 'hangs' | undefined,
): readonly Played[] =>
  wanted === undefined || wanted === 'hangs' ? [] : [{ listed, quirk: listed.quirk, wanted }]

describeDatabase(['postgres', 'mysql', 'mariadb', 'sqlite'], 'listed cases', (kind) => {
  const own = listedCases.filter((listed) => listed.kind === kind)

  test.each(own.flatMap((listed) => played(listed, listed.ours ?? listed.theirs)))(
    '$quirk: migrate',
    async ({ listed, wanted }) => {
      check(await run(listed, migrateTool), wanted)
    },
  )

  const { path } = reference
  test.skipIf(path === undefined).each(own.flatMap((listed) => played(listed, listed.theirs)))(
    '$quirk: golang-migrate',
    async ({ listed, wanted }) => {
      check(await run(listed, [path ?? '']), wanted)
    },
  )
})
