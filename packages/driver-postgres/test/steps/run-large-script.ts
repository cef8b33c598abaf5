import { createMigrator, type Source } from '@mig/core'
import type { DriverFactory } from '@mig/core/driver'
import { open } from '../open-database.ts'

const [name = '', shareText = '1'] = process.argv.slice(2)
const share = Number(shareText)

/** Scripts that are large, or answer with a lot. */
const scripts: Readonly<Record<string, () => string>> = {
  inserts: () => {
    const row = `insert into big values (1, '${'x'.repeat(960)}');\n`
    return `create table big(i int, t text);\n${row.repeat(Math.ceil((share * 100e6) / row.length))}`
  },
  statement: () => `select length('${'x'.repeat(share * 70e6)}')`,
  rows: () => `select i, repeat('x', 100) from generate_series(1, ${share * 1e6}) as i`,
  notices: () =>
    `do $$begin for i in 1..${share * 300_000} loop raise notice 'number %', i; end loop; end$$`,
}

const script = new TextEncoder().encode(scripts[name]?.())
const source: Source = {
  location: 'memory',
  list: async () => ({
    migrations: [{ version: 1n, up: { name: '1_big.up.sql', title: 'big' } }],
    nearMisses: [],
  }),
  read: async () => script,
}

const peak = (): number => process.resourceUsage().maxRSS
let growth = 0

/** The driver, with a look at how far the process grows while it runs a step. */
const watched = (factory: DriverFactory): DriverFactory => ({
  name: factory.name,
  open: async (settings) => {
    const driver = await factory.open(settings)
    return {
      ...driver,
      runTransactional: async (steps, signal) => {
        const before = peak()
        const outcome = await driver.runTransactional(steps, signal)
        growth = Math.max(growth, peak() - before)
        return outcome
      },
    }
  },
})

const migrator = await createMigrator({ source, driver: watched(open()) })
await migrator.up()
await migrator.close()
process.stdout.write(`${growth}\n`)
