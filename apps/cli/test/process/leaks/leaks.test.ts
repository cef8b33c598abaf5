import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runsAtDepth } from '../../support/depth.ts'
import { Project } from '../../support/project.ts'
import { chance, drawCase, halves } from './cases.ts'
import { echoServer } from './echo-server.ts'

const runs = runsAtDepth({ quick: 300, ci: 600, full: 6000 })
const seed = Number(process.env['MIG_TEST_SEED'] ?? 20_261_129)

test(
  `no run of ${runs} shows a piece of a password (seed ${seed})`,
  { timeout: 60_000 + runs * 200 },
  async () => {
    const server = await echoServer()
    const next = chance(seed)
    const leaks: string[] = []
    let failed = 0
    for (let run = 0; run < runs; run++) {
      const app = new Project()
      try {
        const { label, argv, env } = drawCase(app, next, server.port)
        const { stdout, stderr, exitCode } = await app.mig(argv, { env })
        if (exitCode !== 0) failed += 1
        const output = stdout + stderr
        if (halves.some((half) => output.includes(half))) leaks.push(`${label}\n${output}`)
      } finally {
        rmSync(app.folder, { recursive: true, force: true })
      }
    }
    server.close()
    expect(leaks.slice(0, 20).join('\n\n')).toBe('')
    // Both ends of a run are there: what works, and what fails.
    expect(failed).toBeGreaterThan(runs / 3)
    expect(failed).toBeLessThan(runs)
  },
)
