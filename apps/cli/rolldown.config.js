import { defineConfig } from 'rolldown'
import license from 'rollup-plugin-license'

const nativeClient = 'better-sqlite3'

// A client with a part of its own for each platform stays outside. It is a dependency of its driver and not of mig: the
// bundle looks for it from where the driver is.
const clientOutside = {
  name: 'client-outside',
  resolveId: (id) => (id === nativeClient ? `\0${id}` : undefined),
  load: (id) =>
    id === `\0${nativeClient}`
      ? [
          `import { createRequire } from 'node:module'`,
          `const here = createRequire(import.meta.url)`,
          `export default createRequire(here.resolve('@mig/driver-sqlite'))('${nativeClient}')`,
        ].join('\n')
      : undefined,
}

// One file starts faster than the modules it is made of. What our own code imports when it needs it becomes a file of
// its own. CommonJS, because a module that imports one of Node's own loads all that hangs on its exports, though it uses
// one of them: `node:crypto` brings the web's cryptography, `node:fs` readline.
export default defineConfig({
  input: { mig: 'src/mig.ts', migrate: 'src/migrate/main.ts' },
  platform: 'node',
  external: [/^@oclif\/plugin-/, 'cross-spawn', 'jiti', 'pg-native', 'pg-cloudflare'],
  // What is bundled is under licenses that want to be passed on with it.
  plugins: [clientOutside, license({ thirdParty: { output: 'dist/bundle/LICENSES.txt' } })],
  resolve: { conditionNames: ['@mig/source', 'node'] },
  output: {
    dir: 'dist/bundle',
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunk-[name]-[hash].cjs',
  },
})
