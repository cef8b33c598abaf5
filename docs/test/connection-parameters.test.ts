import { readFileSync, writeFileSync } from 'node:fs'
import type { ConnectionParameter, ConnectionParameters, ParameterFate } from '@mig/core/driver'
import { expect, test } from 'vitest'
import { mysqlParameters } from '../../packages/driver-mysql/src/connect/connection-parameters.ts'
import { postgresParameters } from '../../packages/driver-postgres/src/connect/connection-parameters.ts'
import { sqliteParameters } from '../../packages/driver-sqlite/src/connect/connection-parameters.ts'

const path = new URL('../reference/connection-parameters.md', import.meta.url)

const introduction = `# Connection parameters

Every parameter of the databases' own clients, of golang-migrate's drivers and of well-known tools is here, and none is
swallowed: it is **used**, or **always** so anyway, or **ignored** with a warning because that harms nobody, or
**refused** before anything is sent, with the right way to say it. Upper and lower case, and \`-\` and \`_\`, make no
difference, except in names that begin with \`x-\`.

A variable in a URL, such as \`\${NAME}\`, is an error: mig expands none there. A shell does, and so does a config file in
TypeScript or JavaScript.
`

const sections: readonly (readonly [string, ConnectionParameters, string])[] = [
  [
    'PostgreSQL',
    postgresParameters,
    `What the URL leaves out comes from the service that \`service\` or \`PGSERVICE\` names, then from the variables in
the table. Any other parameter is a setting of the session, such as \`lock_timeout\`, which the server takes or refuses.
\`PGSYSCONFDIR\` names the folder of the system's service file.

- \`sslmode=require\` checks the certificate's chain where there is an authority: \`sslrootcert\`, or
  \`~/.postgresql/root.crt\`. Nothing of that folder is used with \`sslmode=disable\`.
- Channel binding is used by default where the server has TLS and SCRAM. With \`channel_binding=require\` and with
  \`require_auth\` the connection ends as soon as the server asks for something else, before anything made of the password
  is sent.
- \`pgbouncer=true\` of Prisma stands for \`x-lock-strategy=transaction\`; a pooler in session mode needs neither.`,
  ],
  [
    'MySQL and MariaDB',
    mysqlParameters,
    `Any other parameter is a session variable, which the server takes or refuses. mig reads no option files.

- Where several parameters are about TLS, the most that one of them asks for is done; parameters that contradict each
  other are refused. An authority alone, such as \`x-tls-ca=FILE\`, means that the certificate is checked.
- Without TLS, MySQL wants a password encrypted with its RSA key (\`caching_sha2_password\` at the first login of a user,
  \`sha256_password\` always). An attacker in between could send a key of their own, so mig takes one from a server on this
  machine only (\`localhost\`, \`127.0.0.0/8\`, \`::1\`, a Unix socket). Elsewhere use TLS, name the key with
  \`server-public-key-path\`, or trust the network with \`allowPublicKeyRetrieval=true\`. Without TLS and elsewhere, such a
  login takes one more round trip.`,
  ],
  ['SQLite', sqliteParameters, 'Any other parameter is an error.'],
]

const fates: readonly (readonly [fate: ParameterFate, title: string])[] = [
  ['used', 'Used'],
  ['always', 'So anyway'],
  ['ignored', 'Ignored, with a warning'],
  ['refused', 'Refused'],
]

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

const rowOf = ({ names, variables, of, text }: ConnectionParameter): string =>
  `| ${[code(names), code(variables), of, text.replaceAll('|', '\\|')].join(' | ')} |`

const tableOf = (parameters: readonly ConnectionParameter[], last: string): readonly string[] => [
  `| parameter | variable | whose | ${last} |`,
  '| --- | --- | --- | --- |',
  ...parameters.map(rowOf),
]

const tablesOf = ({ all }: ConnectionParameters): readonly string[] =>
  fates.flatMap(([fate, title]) => {
    const parameters = all.filter((parameter) => parameter.fate === fate)
    const last = fate === 'refused' ? 'what to do' : fate === 'ignored' ? 'why' : 'what it does'
    return parameters.length === 0 ? [] : [`### ${title}`, '', ...tableOf(parameters, last), '']
  })

// `MIG_UPDATE_DOCS=1` writes the page; `pnpm docs:update` sets it.
test('the page of connection parameters says what the drivers go by', () => {
  const parts = sections.flatMap(([title, parameters, text]) => [
    `## ${title}`,
    '',
    text,
    '',
    ...tablesOf(parameters),
  ])
  const page = [introduction, ...parts].join('\n')
  if (process.env['MIG_UPDATE_DOCS'] === '1') writeFileSync(path, page)
  expect(readFileSync(path, 'utf8'), 'run "pnpm docs:update"').toBe(page)
})
