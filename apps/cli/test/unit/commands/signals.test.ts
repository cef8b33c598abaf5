import { expect, test } from 'vitest'
import { project } from '../../support/project.ts'

const slow = {
  '1_a.up': 'create a; slow 60;',
  '2_b.up': 'create b; slow 60;',
  '3_c.up': 'create c;',
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'the first %s lets the running step finish and says where it stands',
  async (signal, code) => {
    const app = project(slow)
    const run = await app.mig(['up'], {
      onOutput: (text, send) => text.includes('up 1 a') && send(signal),
    })
    expect(run.exitCode).toBe(code)
    expect(app.database).toMatchObject({ version: '1', objects: ['a'], lockedBy: null })
    expect(run.stderr).toContain(
      `${signal}: ending after the running step. Once more to cancel it.`,
    )
    expect(run.stderr).toContain('done      1 step: up 1')
    expect(run.stderr).toContain('database  at version 1, clean')
    expect((await app.mig(['up'])).exitCode).toBe(0)
    expect(app.database.version).toBe('3')
  },
)

test('the second signal cancels the statement', async () => {
  const app = project({ '1_a.up': 'create a; slow 60000;' })
  let sent = 0
  const run = await app.mig(['up', '--json'], {
    onOutput: (text, send) => {
      if (sent === 2 || !/up 1 a|Once more/.test(text)) return
      sent += 1
      setTimeout(send, 20, 'SIGINT')
    },
  })
  expect(run.exitCode).toBe(130)
  expect(run.json).toMatchObject({
    ok: false,
    command: 'up',
    error: { code: 'ABORTED', exitCode: 130, details: { state: { version: null, dirty: false } } },
  })
  expect(app.database).toMatchObject({ version: null, objects: [], lockedBy: null })
})

test('--on-signal=cancel cancels at once', async () => {
  const app = project({ '1_a.up': 'create a; slow 60000;' })
  const run = await app.mig(['up', '--on-signal=cancel'], {
    onOutput: (text, send) => text.includes('up 1 a') && setTimeout(send, 20, 'SIGTERM'),
  })
  expect(run.exitCode).toBe(143)
  expect(app.database.version).toBeNull()
})

test('a signal ends the wait for the lock, where no step runs that could be finished', async () => {
  const app = project()
  app.database = { version: null, dirty: false, objects: [], lockedBy: 'somebody' }
  const run = await app.mig(['up'], {
    onOutput: (text, send) =>
      text.includes('Waiting for the lock, held by somebody') && send('SIGINT'),
  })
  expect(run.exitCode).toBe(130)
  expect(app.database).toMatchObject({ version: null, lockedBy: 'somebody' })
})

test('the wait for the lock ends at its timeout, exit 4, and names the holder', async () => {
  const app = project()
  app.database = { version: null, dirty: false, objects: [], lockedBy: 'somebody' }
  const run = await app.mig(['up', '--lock-timeout', '50ms', '--json'])
  expect(run.exitCode).toBe(4)
  expect(run.json).toMatchObject({
    error: { code: 'LOCK_TIMEOUT', details: { holder: 'somebody', timeoutMs: 50 } },
  })
})
