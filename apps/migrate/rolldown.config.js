import { defineConfig } from 'rolldown'

const isOurs = (id) => /^(\.|\/|@mig\/)/.test(id)

// As the bundle of `mig`: our own code in a few CommonJS files, packages of others as dependencies beside them.
export default defineConfig({
  input: { 'compile-cache': '@mig/app-kit/compile-cache', migrate: 'src/main.ts' },
  platform: 'node',
  external: (id) => !isOurs(id),
  resolve: { conditionNames: ['@mig/source', 'node'] },
  output: {
    dir: 'dist/bundle',
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunk-[name]-[hash].cjs',
  },
})
