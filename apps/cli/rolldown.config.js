import { defineConfig } from 'rolldown'
import license from 'rollup-plugin-license'
import { inlineRequires } from './inline-requires.js'

/** The clients that are not bundled with their drivers, and what the drivers import by name. */
const clients = {
  'better-sqlite3': { driver: '@mig/driver-sqlite', names: [] },
}

// A client is a dependency of its driver and not of mig: the bundle looks for it from where the driver is.
const clientsOfDrivers = {
  name: 'clients-of-drivers',
  resolveId: (id) => (Object.hasOwn(clients, id) ? `\0client:${id}` : undefined),
  load(id) {
    if (!id.startsWith('\0client:')) return undefined
    const name = id.slice('\0client:'.length)
    const { driver, names } = clients[name]
    return [
      `import { createRequire } from 'node:module'`,
      `const here = createRequire(import.meta.url)`,
      `const client = createRequire(here.resolve('${driver}'))('${name}')`,
      `export default client`,
      ...names.map((key) => `export const ${key} = client.${key}`),
    ].join('\n')
  },
}

// With a single character beyond Latin-1 in it, Node keeps a file's text in two bytes a character, in memory as on loading.
const asciiOnly = {
  name: 'ascii-only',
  renderChunk: (code) =>
    code.replace(
      /[^\0-\x7f]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
}

// One file starts twice as fast as the modules it is made of. What is not needed for every command becomes a file of its
// own, or stays outside: it is imported when it is needed. CommonJS, because a module that imports one of Node's own loads
// all that hangs on its exports, though it uses one of them: `node:crypto` brings the web's cryptography, `node:fs` readline.
export default defineConfig({
  input: { mig: 'src/mig.ts', migrate: 'src/migrate/main.ts' },
  platform: 'node',
  external: [/^@oclif\/plugin-/, 'jiti', 'pg-native', 'pg-cloudflare'],
  // What is bundled is under licenses that want to be passed on with it.
  plugins: [
    clientsOfDrivers,
    inlineRequires,
    asciiOnly,
    license({ thirdParty: { output: 'dist/bundle/LICENSES.txt' } }),
  ],
  resolve: { conditionNames: ['@mig/source', 'node'] },
  output: {
    dir: 'dist/bundle',
    format: 'cjs',
    exports: 'named',
    sourcemap: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunk-[name]-[hash].cjs',
  },
})
