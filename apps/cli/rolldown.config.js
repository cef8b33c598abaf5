import { defineConfig } from 'rolldown'

/** The clients of the bundled drivers, and what the drivers import by name. */
const clients = {
  'better-sqlite3': { driver: '@mig/driver-sqlite', names: [] },
  mysql2: { driver: '@mig/driver-mysql', names: ['createConnection'] },
  pg: { driver: '@mig/driver-postgres', names: [] },
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
      `const client = createRequire(import.meta.resolve('${driver}'))('${name}')`,
      `export default client`,
      ...names.map((key) => `export const ${key} = client.${key}`),
    ].join('\n')
  },
}

// One file starts twice as fast as the modules it is made of. What is not needed for every command becomes a file of its
// own, or stays outside: it is imported when it is needed.
export default defineConfig({
  input: { mig: 'src/mig.ts', migrate: 'src/migrate/main.ts' },
  platform: 'node',
  external: [/^@oclif\/plugin-/, 'jiti'],
  plugins: [clientsOfDrivers],
  resolve: { conditionNames: ['@mig/source', 'node', 'import'] },
  output: {
    dir: 'dist/bundle',
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name]-[hash].js',
  },
})
