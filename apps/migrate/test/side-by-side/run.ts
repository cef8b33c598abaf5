// A long comparison by hand: node --conditions=@mig/source apps/migrate/test/side-by-side/run.ts postgres 5000 [seed]
import { databaseKinds, stopServers } from '@mig/testing'
import { compareKind, describeComparison } from './compare-kind.ts'
import { findReference } from '@mig/internal-testing'

const [kindText, stepsText = '5000', seedText] = process.argv.slice(2)
const kind = databaseKinds.find((candidate) => candidate === kindText)
const reference = findReference()
if (kind === undefined) throw new Error(`"${kindText}" is none of ${databaseKinds.join(', ')}`)
if (reference.path === undefined) throw new Error(reference.reason)
const comparison = await compareKind(kind, {
  reference: reference.path,
  steps: Number(stepsText),
  mostDifferences: Number.POSITIVE_INFINITY,
  firstSeed: Number(seedText ?? Date.now() % 1_000_000_000),
  progress: (text) => console.log(text),
})
console.log(describeComparison(kind, comparison))
await stopServers()
if (comparison.differences.length > 0) process.exitCode = 1
