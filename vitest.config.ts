import { defineConfig } from 'vitest/config'

const conditions = ['@mig/source', 'node', 'import', 'module', 'default']
const tests = ['packages/*/test/**', 'apps/*/test/**', 'docs/test/**']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: tests.map((folder) => `${folder}/*.test.ts`),
          exclude: tests.map((folder) => `${folder}/*.integration.test.ts`),
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: tests.map((folder) => `${folder}/*.integration.test.ts`),
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
