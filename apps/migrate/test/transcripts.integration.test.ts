import { mask } from './side-by-side/compare.ts'
import { findReference } from '@mig/internal-testing'
import { migrateTool, openWorkplace, type Workplace } from '@mig/internal-testing'
import type { Tool } from '@mig/internal-testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'

const files = {
  '1_foobar.up.sql': 'CREATE TABLE one (id int);',
  '1_foobar.down.sql': 'DROP TABLE one;',
  '3_foobar.up.sql': 'SELECT 3;',
  '4_foobar.up.sql': 'CREATE TABLE four (id int);',
  '4_foobar.down.sql': 'DROP TABLE four;',
  '5_foobar.down.sql': 'SELECT 5;',
  '7_foobar.up.sql': 'CREATE TABLE seven (id int);',
  '7_foobar.down.sql': 'DROP TABLE seven;',
}

const missing6 =
  'error: no migration found for version 6: read down for version 6 .: file does not exist'
const dirty3 = 'error: Dirty database version 3. Fix and force version.\n'
const forceUsage = 'Usage of force:\n  -help\n    \tPrint help information\n'

interface Line {
  readonly command: string
  readonly stderr: string
  readonly exitCode: number
  readonly stdin?: string
  /** Files that are written before. */
  readonly write?: Readonly<Record<string, string>>
}

/** One database from the first line to the last. */
const transcript: readonly Line[] = [
  { command: 'version', stderr: 'error: no migration\n', exitCode: 1 },
  { command: 'up 2', stderr: '1/u foobar (D)\n3/u foobar (D)\n', exitCode: 0 },
  { command: 'version', stderr: '3\n', exitCode: 0 },
  { command: 'up', stderr: '4/u foobar (D)\n5/u <empty> (D)\n7/u foobar (D)\n', exitCode: 0 },
  { command: 'up', stderr: 'no change\n', exitCode: 0 },
  { command: 'up 1', stderr: 'error: file does not exist\n', exitCode: 1 },
  { command: 'goto 4', stderr: '7/d foobar (D)\n5/d foobar (D)\n', exitCode: 0 },
  { command: 'goto 4', stderr: 'no change\n', exitCode: 0 },
  { command: 'goto 6', stderr: `${missing6}${missing6}\n`, exitCode: 1 },
  {
    command: 'down 5',
    stderr: '4/d foobar (D)\n3/d <empty> (D)\n1/d foobar (D)\nerror: limit 2 short\n',
    exitCode: 1,
  },
  { command: 'down 1', stderr: 'error: file does not exist\n', exitCode: 1 },
  { command: 'down -all', stderr: 'no change\n', exitCode: 0 },
  { command: 'up 0', stderr: 'no change\n', exitCode: 0 },
  { command: 'force 3', stderr: '', exitCode: 0 },
  { command: 'version', stderr: '3\n', exitCode: 0 },
  { command: 'force -- -1', stderr: '', exitCode: 0 },
  { command: 'version', stderr: 'error: no migration\n', exitCode: 1 },
  {
    command: 'up',
    write: { '3_foobar.up.sql': 'BROKEN;' },
    stderr:
      '1/u foobar (D)\nerror: SQL logic error: near "BROKEN": syntax error (1) in line 0: BROKEN;\n',
    exitCode: 1,
  },
  { command: 'version', stderr: '3 (dirty)\n', exitCode: 0 },
  { command: 'up', stderr: dirty3, exitCode: 1 },
  { command: 'down 1', stderr: dirty3, exitCode: 1 },
  { command: 'goto 1', stderr: dirty3, exitCode: 1 },
  { command: 'force -- abc', stderr: "error: can't read version argument V\n", exitCode: 1 },
  { command: 'force -- -2', stderr: 'error: argument V must be >= -1\n', exitCode: 1 },
  {
    command: 'force -1',
    stderr: `flag provided but not defined: -1\n${forceUsage}`,
    exitCode: 2,
  },
  {
    command: 'force -help',
    stderr: `force V      Set version V but don't run migration (ignores dirty state)\n  -help\n    \tPrint help information\n`,
    exitCode: 0,
  },
  { command: 'force -h', stderr: forceUsage, exitCode: 0 },
  { command: 'force', stderr: 'error: please specify version argument V\n', exitCode: 1 },
  { command: 'up abc', stderr: "error: can't read limit argument N\n", exitCode: 1 },
  { command: 'down 5 -all', stderr: 'error: too many arguments\n', exitCode: 1 },
  {
    command: 'down -all 5',
    stderr: 'error: -all cannot be used with other arguments\n',
    exitCode: 1,
  },
  {
    command: 'down',
    stderr:
      'Are you sure you want to apply all down migrations? [y/N]\nNot applying all down migrations\n',
    exitCode: 1,
  },
  {
    command: 'down',
    stdin: 'yes\n',
    stderr:
      'Are you sure you want to apply all down migrations? [y/N]\nNot applying all down migrations\n',
    exitCode: 1,
  },
  { command: 'force 1', stderr: '', exitCode: 0 },
  {
    command: 'down',
    stdin: ' Y \n',
    stderr:
      'Are you sure you want to apply all down migrations? [y/N]\nApplying all down migrations\n1/d foobar (D)\n',
    exitCode: 0,
  },
  {
    command: 'drop',
    stdin: 'n\n',
    stderr:
      'Are you sure you want to drop the entire database schema? [y/N]\nAborted dropping the entire database schema\n',
    exitCode: 1,
  },
  { command: 'drop -f', stderr: '', exitCode: 0 },
  {
    command: '-verbose up 1',
    stderr:
      'T Start buffering 1/u foobar\nT Read and execute 1/u foobar\nT Finished 1/u foobar (read D, ran D)\nT Finished after D\nT Closing source and database\n',
    exitCode: 0,
  },
]

const play = async (workplace: Workplace, tool: Tool): Promise<readonly Line[]> => {
  workplace.write(files)
  const lines: Line[] = []
  for (const line of transcript) {
    if (line.write !== undefined) workplace.write(line.write)
    const globals = ['-path', 'm', '-database', 'sqlite://test.db']
    const result = await workplace.run(tool, [...globals, ...line.command.split(' ')], line.stdin)
    expect(result.stdout).toBe('')
    const stderr = mask(result.stderr, workplace.folder)
    lines.push({ ...line, stderr, exitCode: result.exitCode ?? -1 })
  }
  return lines
}

describeDatabase('sqlite', 'the transcript of the specification', () => {
  test('migrate', async () => {
    using workplace = openWorkplace()
    expect(await play(workplace, migrateTool)).toEqual(transcript)
  })

  const { path } = findReference()
  test.skipIf(path === undefined)('golang-migrate', async () => {
    using workplace = openWorkplace()
    expect(await play(workplace, [path ?? ''])).toEqual(transcript)
  })

  test('the version, the usage, and what is no command', async () => {
    using workplace = openWorkplace()
    const run = (...args: string[]): ReturnType<Workplace['run']> =>
      workplace.run(migrateTool, args)
    expect(await run('-version')).toEqual({ exitCode: 0, stdout: '', stderr: '4.20.0\n' })
    const help = await run('-help')
    expect(help).toMatchObject({ exitCode: 0, stdout: '' })
    expect(help.stderr).toMatch(/^Usage: migrate OPTIONS COMMAND \[arg\.\.\.\]\n {7}migrate \[/)
    expect(help.stderr).toContain('\nSource drivers: file\nDatabase drivers: stub, postgres, ')
    expect(await run('-h')).toEqual(help)
    for (const args of [[], ['frobnicate'], ['']]) {
      expect(await run(...args)).toEqual({ ...help, exitCode: 2 })
    }
    expect(await run('-nonsense')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `flag provided but not defined: -nonsense\n${help.stderr}`,
    })
    expect(await run('up', '-database', 'stub://')).toMatchObject({ exitCode: 2 })
    expect((await run('up')).stderr).toBe(
      'error: failed to parse scheme from source URL: URL cannot be empty\n',
    )
  })
})
