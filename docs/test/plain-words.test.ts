import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Words that readers stumble over, or that have another name in the glossary, and what to write. */
const banned: readonly (readonly [pattern: RegExp, write: string])[] = [
  [/\bbehind\b/i, 'after'],
  [/\bin front of\b/i, 'before'],
  [/(?<!there )\bis no (?!longer\b|more\b|need\b|such\b)/i, 'is not a'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix or repair'],
  [/\bg(?:ive|ives|iven|ave) back\b/i, 'return or release'],
  [/\bbod(?:y|ies)\b/i, 'SQL or script'],
  [/\bmarkers?\b/i, 'current version or version table'],
  [/\bguarded\b/i, 'non-transactional'],
  [/\batomic\b/, 'transactional'],
  [/\bwhoever\b/i, 'name the actor'],
]

const filesOf = (...patterns: readonly string[]): readonly string[] =>
  execFileSync('git', ['ls-files', '--', ...patterns], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '')

const findings = (file: string, texts: readonly (readonly [line: number, text: string])[]) =>
  texts.flatMap(([line, text]) =>
    banned
      .filter(([pattern]) => pattern.test(text))
      .map(([, write]) => `${file}:${line}: "${text.trim()}": write "${write}"`),
  )

const linesOf = (file: string): readonly (readonly [line: number, text: string])[] =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, index) => [index + 1, text] as const)

/** Texts in quotes that are sentences. Comments are left to the eye of the reader. */
const sentence = /'(?:[^'\\]|\\.)* (?:[^'\\]|\\.)*'|`[^`]* [^`]*`/g

test('documentation is in plain words', () => {
  const pages = filesOf('*.md', ':!docs/benchmarks.md', ':!**/peers/**', ':!.changeset/*')
  expect(pages.length).toBeGreaterThan(30)
  expect(pages.flatMap((file) => findings(file, linesOf(file)))).toEqual([])
})

test('what mig prints is in plain words', () => {
  const files = filesOf('packages/*/src/**/*.ts', 'apps/cli/src/**/*.ts')
    // The words of golang-migrate are its own, and so are those of SQL and of the suite for drivers.
    .filter(
      (file) =>
        !/golang-migrate|driver-testkit|packages\/(sql|testing|internal-testing)\//.test(file),
    )
  expect(files.length).toBeGreaterThan(150)
  const texts = (file: string) =>
    linesOf(file)
      .filter(([, line]) => !/^\s*(?:\*|\/\/|\/\*)/.test(line))
      .flatMap(([line, code]) =>
        [...code.matchAll(sentence)].map(([text]) => [line, text] as const),
      )
  expect(files.flatMap((file) => findings(file, texts(file)))).toEqual([])
})
