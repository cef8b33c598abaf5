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
      env: {
        ...process.env,
        MIG_TEST_DATABASE: `postgres://u:p@127.0.0.1:${port}/d?sslmode=disable`,
      },
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

const asks = (name: string): RegExp =>
  new RegExp(`the server asks for ${name} authentication, which mig cannot do`)

const cases: readonly (readonly [evil: Evil, code: string, message: RegExp, seconds: number])[] = [
  ['refuses', 'CONNECTION_FAILED', /you may not/, 15],
  ['refuses-at-length', 'CONNECTION_FAILED', /sent more than 1 MB/, 15],
  ['asks-7', 'CONNECTION_FAILED', asks('GSSAPI'), 15],
  ['asks-9', 'CONNECTION_FAILED', asks('SSPI'), 15],
  ['asks-2', 'CONNECTION_FAILED', asks('Kerberos V5'), 15],
  ['asks-6', 'CONNECTION_FAILED', asks('SCM credentials'), 15],
  ['silent', 'CONNECTION_LOST', /: the server gave no answer within 10 s$/, 30],
  ['endless-rows', 'CONNECTION_LOST', /: the server sent more than 128 MB/, 30],
  ['long-error', 'CONNECTION_LOST', /sent more than 1 MB/, 15],
  ['huge-row', 'CONNECTION_LOST', /sent more than 256 MB/, 15],
  ['wrong-count', 'CONNECTION_LOST', /connection broke/, 15],
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
