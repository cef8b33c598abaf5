import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrateTool } from '@mig/internal-testing'
import { expect, test } from 'vitest'

import { forTerminal } from '../src/log.ts'

const name = 'a\u001b[2K\u001b]52;c;aGk=\u0007\u009b31m\u202eb'

/** `script` of util-linux gives a command a terminal. */
const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux') === true

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

test('what a terminal would obey is shown as its code', () => {
  expect(forTerminal(`1/u ${name} (1ms)\n\ttab`)).toBe(
    '1/u a\\x1b[2K\\x1b]52;c;aGk=\\x07\\x9b31m\\u202eb (1ms)\n\ttab',
  )
})

test.skipIf(!hasScript)(
  'a file name is harmless at a terminal, and byte for byte elsewhere (skipped without util-linux)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'mig-cli-'))
    mkdirSync(join(folder, 'm'))
    writeFileSync(join(folder, 'm', `1_${name}.up.sql`), 'select 1;')
    const command = (database: string): string[] => [
      ...migrateTool,
      '-path',
      'm',
      '-database',
      `sqlite://${database}`,
      'up',
    ]
    const [node = '', ...args] = command('piped.db')
    const piped = spawnSync(node, args, { cwd: folder, encoding: 'utf8' })
    expect(piped.stderr).toContain(`1/u ${name} (`)
    const line = command('shown.db').map(shellQuote).join(' ')
    const shown = spawnSync('script', ['-qec', line, '/dev/null'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, SHELL: '/bin/sh' },
    })
    rmSync(folder, { recursive: true })
    expect(shown.stdout).toContain('1/u a\\x1b[2K\\x1b]52;c;aGk=\\x07\\x9b31m\\u202eb (')
    expect(shown.stdout).not.toContain('\u001b')
  },
)
