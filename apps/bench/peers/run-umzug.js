// Umzug with Sequelize, as its documentation shows it for SQL files.
import { readFile } from 'node:fs/promises'
import { Sequelize } from 'sequelize'
import { SequelizeStorage, Umzug } from 'umzug'

const [operation, folder, url] = process.argv.slice(2)

const sequelize = new Sequelize(url.replace('?sslmode=disable', ''), {
  logging: false,
  dialectOptions: url.startsWith('mysql') ? { multipleStatements: true } : {},
})
const umzug = new Umzug({
  migrations: {
    glob: ['*.up.sql', { cwd: folder }],
    resolve: ({ name, path, context }) => ({
      name,
      up: async () => context.query(await readFile(path, 'utf8')),
      down: async () => context.query(await readFile(path.replace('.up.', '.down.'), 'utf8')),
    }),
  },
  context: sequelize,
  storage: new SequelizeStorage({ sequelize }),
  logger: undefined,
})

if (operation === 'up') await umzug.up()
else if (operation === 'down') await umzug.down({ to: 0 })
else console.log((await umzug.executed()).at(-1)?.name)
await sequelize.close()
