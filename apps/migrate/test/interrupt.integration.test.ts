import { spawn } from 'node:child_process'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { findReference } from '@mig/internal-testing'
import type { Outcome, Tool } from '@mig/internal-testing'
import { migrateTool, openWorkplace } from '@mig/internal-testing'

const { path } = findReference()
const tools: readonly (readonly [string, Tool])[] = [
  ['migrate', migrateTool],
  ...(path === undefined ? [] : [['golang-migrate', [path]] as const]),
]
const stopping = 'Stopping after this running migration ...\n'

interface Talk {
  /** What is done when this text has been seen on stderr, in order. */
  readonly cues: readonly (readonly [text: string, action: 'SIGINT' | { readonly say: string }])[]
}

/** Runs a tool and acts on what it says. */
const talk = (
  [command, ...first]: Tool,
  args: readonly string[],
  cwd: string,
  { cues }: Talk,
): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn(command, [...first, ...args], { cwd })
    const waiting = [...cues]
    let [stdout, stderr, seen] = ['', '', 0]
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      for (
        let cue = waiting[0];
        cue !== undefined && stderr.includes(cue[0], seen);
        cue = waiting[0]
      ) {
        seen = stderr.indexOf(cue[0], seen) + cue[0].length
        waiting.shift()
        if (cue[1] === 'SIGINT') child.kill('SIGINT')
        else child.stdin.write(cue[1].say)
      }
    })
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  })

// the end of such a run is that of one which came to its end.
describeDatabase('postgres', 'an interrupt', (kind) => {
  test.each(tools)('ends a run of %s after the running migration', async (_, tool) => {
    using workplace = openWorkplace()
    workplace.write({
      '1_a.up.sql': 'SELECT 1',
      '2_slow.up.sql': 'SELECT pg_sleep(1)',
      '3_c.up.sql': 'SELECT 3',
    })
    await using database = await testDatabase(kind)
    const globals = ['-path', 'm', '-database', `${database.url}?sslmode=disable`]
    const outcome = await talk(tool, [...globals, 'up'], workplace.folder, {
      cues: [
        ['1/u a (', 'SIGINT'],
        [stopping, 'SIGINT'],
      ],
    })
    expect(outcome).toMatchObject({ exitCode: 0, stdout: '' })
    expect(outcome.stderr).toMatch(
      /^1\/u a \(.*\)\nStopping after this running migration \.\.\.\n2\/u slow \(.*\)\n$/,
    )
    const after = await workplace.run(tool, [...globals, 'version'])
    expect(after).toEqual({ exitCode: 0, stdout: '', stderr: '2\n' })
  })
})

describeDatabase('sqlite', 'an interrupt', () => {
  test.each(tools)('leaves a question of %s open', async (_, tool) => {
    using workplace = openWorkplace()
    workplace.write({ '1_a.up.sql': 'CREATE TABLE a (id int)', '1_a.down.sql': 'DROP TABLE a' })
    const globals = ['-path', 'm', '-database', 'sqlite://test.db']
    await workplace.run(tool, [...globals, 'up'])
    const outcome = await talk(tool, [...globals, 'down'], workplace.folder, {
      cues: [
        ['[y/N]\n', 'SIGINT'],
        [stopping, { say: 'y\n' }],
      ],
    })
    // The request to stop came before the first step.
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `Are you sure you want to apply all down migrations? [y/N]\n${stopping}Applying all down migrations\n`,
    })
  })
})
