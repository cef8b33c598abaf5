// Knex's settings, read by its own command.
const { BENCH_URL: url, BENCH_FOLDER: directory } = process.env
const scheme = url.slice(0, url.indexOf(':'))

export default {
  client: { postgres: 'pg', mysql: 'mysql2', sqlite: 'better-sqlite3' }[scheme],
  connection:
    scheme === 'sqlite'
      ? { filename: url.replace('sqlite://', '') }
      : scheme === 'mysql'
        ? { ...mysqlConnection(url), multipleStatements: true }
        : url,
  useNullAsDefault: true,
  migrations: { directory, loadExtensions: ['.cjs'] },
}

function mysqlConnection(text) {
  const { hostname, port, username, password, pathname } = new URL(text)
  return {
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  }
}
