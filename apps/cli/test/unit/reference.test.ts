import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/oclif/commands.ts'
import {
  settingDefinitions,
  settingNames,
  type SettingDefinition,
} from '../../src/config/setting-definitions.ts'
import { commandIndex, commandPage, pageFile } from '../support/command-page.ts'
import { cliFolder } from '../support/run-mig.ts'

const reference = join(cliFolder, '../../docs/reference')
const folder = join(reference, 'cli')

// `MIG_UPDATE_DOCS=1` writes the pages; `pnpm docs:update` sets it.
const expectPage = (name: string, text: string): void => {
  const path = join(folder, name)
  if (process.env['MIG_UPDATE_DOCS'] === '1') {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, text)
  }
  expect(readFileSync(path, 'utf8'), 'run "pnpm docs:update"').toBe(text)
}

test.each(Object.entries(COMMANDS))(
  'the page of mig %s says what the command says',
  (name, command) => {
    expectPage(pageFile(name), commandPage(name, command))
  },
)

test('the page that leads to them names every command', () => {
  expectPage('README.md', commandIndex(COMMANDS))
  const pages = Object.keys(COMMANDS).map(pageFile)
  expect(readdirSync(folder).toSorted()).toEqual(['README.md', ...pages.toSorted()])
})

const defaultOf = ({ fallback, kind }: SettingDefinition): string => {
  if (fallback === undefined) return 'none'
  return kind === 'duration' ? `\`${Number(fallback) / 1000}s\`` : `\`${String(fallback)}\``
}

test('the page of settings has a row for each, with its flag, variables, key and default', () => {
  const text = readFileSync(join(reference, 'config.md'), 'utf8')
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| `--'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -2)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
  const expected = settingNames.map((name) => {
    const definition: SettingDefinition = settingDefinitions[name]
    const { flag, variables, inConfig } = definition
    return [
      `\`--${flag}\``,
      variables.map((variable) => `\`${variable}\``).join(', '),
      inConfig ? `\`${name}\`` : 'no',
      defaultOf(definition),
    ]
  })
  expect(rows).toEqual(expected)
})
