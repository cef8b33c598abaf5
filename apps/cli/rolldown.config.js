import { defineConfig } from 'rolldown'

const isOurs = (id) => /^(\.|\/|@mig\/)/.test(id)

// Our own code, core and drivers with it, in a few files, which start faster than the modules they are made of. What a
// module imports when it needs it becomes a file of its own. Packages of others stay outside, dependencies as any: there
// is one copy of each, and `npm audit fix` reaches it.
//
// CommonJS, because a module that imports one of Node's own loads all that hangs on its exports, though it uses one of
// them: `node:crypto` brings the web's cryptography, `node:fs` readline.
export default defineConfig({
  input: {
    'compile-cache': '@mig/app-kit/compile-cache',
    mig: 'src/main.ts',
    commands: 'src/oclif/commands.ts',
  },
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
