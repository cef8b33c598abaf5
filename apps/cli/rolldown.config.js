import { defineConfig } from 'rolldown'

// One file starts twice as fast as the modules it is made of. What is not needed for every command stays out of it: it
// is imported when it is needed.
export default defineConfig({
  input: 'src/mig.ts',
  platform: 'node',
  external: [/^@oclif\/plugin-/, /^@mig\/driver-/, 'jiti'],
  resolve: { conditionNames: ['@mig/source', 'node', 'import'] },
  output: {
    dir: 'dist/bundle',
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name]-[hash].js',
  },
})
