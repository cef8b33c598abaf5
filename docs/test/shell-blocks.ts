import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from './code-blocks.ts'

/** A command of a `console` block and what the page says that it prints. */
export interface Exchange {
  readonly command: string
  readonly output: string
}

const prompt = '$ '

/** Cuts a `console` block into commands, which stand behind a dollar sign, and their output. */
export const exchangesOf = (code: string): Exchange[] => {
  const exchanges: { command: string; output: string }[] = []
  for (const line of code.split('\n')) {
    const last = exchanges.at(-1)
    if (line.startsWith(prompt)) exchanges.push({ command: line.slice(prompt.length), output: '' })
    else if (last !== undefined) last.output += `${line}\n`
  }
  return exchanges.map(({ command, output }) => ({ command, output: output.trimEnd() }))
}

/** What differs from run to run: durations, times, people, folders. Columns shrink to two blanks. */
export const masked = (text: string): string =>
  text
    .replaceAll(/\d+(\.\d+)? (ms|s|min)\b/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/g, 'DATE')
    .replaceAll(/[\w.-]+@[\w.-]+/g, 'WHO')
    .replaceAll(/ {2,}/g, '  ')
    .trimEnd()

/** A folder in which `mig` and `migrate` are on the path, as they are for somebody who installed them. */
export interface Sandbox {
  /** Runs commands one after the other in one shell, and returns what each printed. */
  run(commands: readonly string[]): Promise<string[]>
  [Symbol.asyncDispose](): Promise<void>
}

const mark = '@@@ next command'

/** Makes a {@link Sandbox} of its own. */
export const sandbox = async (): Promise<Sandbox> => {
  const folder = await mkdtemp(join(tmpdir(), 'mig-docs-'))
  const bin = join(folder, 'bin')
  const work = join(folder, 'app')
  await mkdir(bin)
  await mkdir(work)
  for (const [name, file] of [
    ['mig', 'cli/bin/run.js'],
    ['migrate', 'migrate/bin/migrate.js'],
  ] as const) {
    const path = join(repository, 'apps', file)
    await writeFile(join(bin, name), `#!/bin/sh\nexec "${process.execPath}" "${path}" "$@"\n`)
    await chmod(join(bin, name), 0o755)
  }
  return {
    run: async (commands) => {
      const script = commands.map((command) => `echo '${mark}'\n${command}\n`).join('')
      const { stdout } = await promisify(execFile)('sh', ['-c', `exec 2>&1\n${script}:`], {
        cwd: work,
        env: {
          PATH: `${bin}:${process.env['PATH'] ?? ''}`,
          HOME: folder,
          LANG: 'C.UTF-8',
          TMPDIR: tmpdir(),
          NO_COLOR: '1',
        },
      })
      return stdout
        .split(`${mark}\n`)
        .slice(1)
        .map((output) => output.trimEnd())
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
