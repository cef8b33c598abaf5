import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testFolder } from '@mig/internal-testing'
import { cliFolder } from './run-mig.ts'

/** A folder where a shell finds `mig`, with a home of its own; it goes away with the test. */
export const shellFolder = (): {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
} => {
  const folder = testFolder('shell')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const script = `#!/bin/sh\nexec "${process.execPath}" "${join(cliFolder, 'bin/run.js')}" "$@"\n`
  writeFileSync(join(bin, 'mig'), script)
  chmodSync(join(bin, 'mig'), 0o755)
  const path = `${bin}:${process.env['PATH'] ?? ''}`
  return { folder, env: { PATH: path, HOME: folder, LANG: 'C.UTF-8', TMPDIR: tmpdir() } }
}
