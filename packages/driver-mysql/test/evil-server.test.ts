import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startEvilServer, type Evil } from './evil-server.ts'

interface Outcome {
  readonly code?: string
  readonly message?: string
  readonly peakMb: number
  /** How long the process lived, in seconds. */
  readonly seconds: number
  readonly stderr: string
  readonly exitCode: number | null
}

const longestLifeMs = 40_000

/** Reads the version in a process of its own, which has to end by itself. */
const readVersion = async (port: number): Promise<Outcome> => {
  const startedAt = performance.now()
  const child = spawn(
    process.execPath,
    ['--conditions=@mig/source', fileURLToPath(new URL('./read-version.ts', import.meta.url))],
    {
      env: { ...process.env, MIG_TEST_DATABASE: `mysql://u:p@127.0.0.1:${port}/d` },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), longestLifeMs)
  const [exitCode] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  const seconds = (performance.now() - startedAt) / 1000
  return { ...(JSON.parse(stdout || '{"peakMb":0}') as Outcome), seconds, stderr, exitCode }
}

const cases: readonly (readonly [evil: Evil, code: string, message: RegExp, seconds: number])[] = [
  ['refuses', 'CONNECTION_FAILED', /you may not/, 15],
  ['refuses-at-length', 'CONNECTION_FAILED', /sent more than 1 MB/, 15],
  [
    'silent',
    'CONNECTION_LOST',
    /^Setting up the session: the server gave no answer within 10 s$/,
    30,
  ],
  [
    'endless-rows',
    'CONNECTION_LOST',
    /^Setting up the session: the server sent more than 128 MB/,
    30,
  ],
  ['long-error', 'CONNECTION_LOST', /^Setting up the session: the server sent more than 1 MB/, 15],
]

describe('a server that does not let go', () => {
  test.each(cases)(
    '%s: an error, the end of the process, and flat memory',
    { timeout: 60_000 },
    async (evil, code, message, seconds) => {
      const server = await startEvilServer(evil)
      try {
        const outcome = await readVersion(server.port)
        expect(outcome).toMatchObject({
          code,
          message: expect.stringMatching(message),
          stderr: '',
          exitCode: 0,
        })
        expect(outcome.seconds).toBeLessThan(seconds)
        expect(outcome.peakMb).toBeLessThan(500)
      } finally {
        await server.stop()
      }
    },
  )
})
