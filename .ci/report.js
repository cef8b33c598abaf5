// The end of `.ci/run`: what ran on which database, which test files took longest, and the totals.
//   node .ci/report.js FOLDER [STEP THAT FAILED ...]
// FOLDER holds what a test run with MIG_TEST_REPORT wrote: vitest.json and databases.json.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const [folder = '', ...problems] = process.argv.slice(2)

/** @returns {any} */
function read(name) {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'))
  } catch (error) {
    problems.push(`${name} cannot be read: ${error.message}`)
    return undefined
  }
}

const files = read('vitest.json')?.testResults ?? []
const databases = read('databases.json') ?? []

const tests = files.flatMap((file) =>
  file.assertionResults.map(({ status, meta, fullName }) => ({
    file: file.name,
    fullName,
    database: meta?.database,
    result: status === 'passed' || status === 'failed' ? status : 'skipped',
  })),
)

/** How many tests the suite has that every driver must pass: as many as the reference driver ran. */
const sharedSuite = tests.filter(
  ({ file, result }) => basename(file) === 'memory-driver.test.ts' && result === 'passed',
).length
if (sharedSuite === 0) problems.push('the shared driver suite did not run on the memory driver')

const rows = databases.map(({ kind, version, providedBy, source, reason }) => {
  const ran = tests.filter(({ database, result }) => database === kind && result !== 'skipped')
  if (ran.length < sharedSuite || ran.length === 0) {
    problems.push(
      `${kind} ran ${ran.length} tests, the shared driver suite has ${sharedSuite}` +
        (reason ? `: ${reason}` : ''),
    )
  }
  return {
    database: kind,
    version: version ?? '',
    provided: reason ? 'not at all' : `${providedBy} (${source})`,
    'tests run': String(ran.length),
  }
})

if (!process.env.MIG_CORPUS_DIR) problems.push('MIG_CORPUS_DIR is not set')

const count = (result) => tests.filter((test) => test.result === result).length
// A file that could not even be loaded has no tests to count.
const brokenFiles = files.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed'),
)
for (const file of brokenFiles) problems.push(`${file.name}: ${file.message}`)

const failed = count('failed') + problems.length

print('')
if (rows.length > 0) printTable(rows)
print(`shared driver suite: ${sharedSuite} tests`)
printSlowest()
for (const { fullName, file } of tests.filter(({ result }) => result === 'failed')) {
  print(`failed test: ${fullName} (${file})`)
}
for (const problem of problems) print(`failed: ${problem}`)
print(`${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped`)
process.exitCode = failed === 0 ? 0 : 1

/** The ten test files that took longest, so that a run that grows slower shows where. */
function printSlowest() {
  const slowest = files
    .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, 10)
  if (slowest.length === 0) return
  print(`\nthe slowest test files, at depth ${process.env.MIG_TEST_DEPTH || 'quick'}:`)
  for (const { name, seconds } of slowest) {
    print(
      `${seconds.toFixed(1).padStart(7)} s  ${name.replace(/^.*?\/(?=(packages|apps|docs)\/)/, '')}`,
    )
  }
  print('')
}

function printTable(lines) {
  const titles = Object.keys(lines[0])
  const all = [titles, ...lines.map((line) => titles.map((title) => line[title]))]
  const widths = titles.map((_, i) => Math.max(...all.map((cells) => cells[i].length)))
  for (const cells of all)
    print(
      cells
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
}

function print(line) {
  process.stdout.write(`${line}\n`)
}
