// postgres-migrations, as its documentation shows it.
import pg from 'pg'
import { migrate } from 'postgres-migrations'

const [, folder, url] = process.argv.slice(2)
const client = new pg.Client({ connectionString: url })
await client.connect()
await migrate({ client }, folder)
await client.end()
