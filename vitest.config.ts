import { defineConfig } from 'vitest/config'

// No 'import' or 'module' here: vitest hands these to Node, whose require() would then get ES modules.
const conditions = ['@mig/source', 'node']
// `.ci/run` counts from this what ran on which database.
const report = process.env['MIG_TEST_REPORT']
const runSetup = 'packages/internal-testing/src/vitest-setup.ts'
const tests = ['packages/*/test/**', 'apps/*/test/**', 'docs/test/**']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: report
      ? ['default', ['json', { outputFile: `${report}/vitest.json` }]]
      : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: tests.map((folder) => `${folder}/*.test.ts`),
          exclude: tests.map((folder) => `${folder}/*.integration.test.ts`),
          globalSetup: [runSetup],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: tests.map((folder) => `${folder}/*.integration.test.ts`),
          // In this order: the last to be set up is the first to be taken down.
          globalSetup: [runSetup, 'packages/testing/src/vitest-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
