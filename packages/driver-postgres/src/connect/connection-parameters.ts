import {
  connectionParameters,
  type ConnectionParameter,
  type ConnectionParameters,
  parameterRows as rows,
} from '@mig/core/driver'

const noGssapi = 'mig has no GSSAPI: it logs in with a password, a certificate or nothing.'
const noOauth = 'mig has no OAuth: give a password, or a client certificate (sslcert, sslkey).'
const noPool = 'mig opens the one or two connections that it needs.'
const noPrepared = 'mig prepares no statements.'
const oneServer = 'Name the one server that migrations run on.'
const systemDecides = 'Node.js leaves it to the operating system.'

/** Every connection parameter of libpq 18. */
const libpq: readonly ConnectionParameter[] = [
  ...rows('libpq', 'used', [
    ['host', 'Name or address of the server, or the directory of its Unix socket.', 'PGHOST'],
    [
      'hostaddr',
      'Address to connect to; `host` is then the name that the certificate must have.',
      'PGHOSTADDR',
    ],
    ['port', 'Port of the server. Default is `5432`.', 'PGPORT'],
    ['user', "Default is the operating system's user.", 'PGUSER'],
    ['password', 'Better placed in `PGPASSWORD` or a password file.', 'PGPASSWORD'],
    ['passfile', 'Password file. Default is `~/.pgpass`.', 'PGPASSFILE'],
    ['dbname database', 'Default is the name of the user.', 'PGDATABASE'],
    ['service', 'Section of the service file that fills what the URL leaves out.', 'PGSERVICE'],
    [
      'servicefile',
      'Default is `~/.pg_service.conf`, then `pg_service.conf` in the folder of `PGSYSCONFDIR`.',
      'PGSERVICEFILE',
    ],
    ['connect_timeout', 'Seconds; `0` waits for ever. Default is `30`.', 'PGCONNECT_TIMEOUT'],
    [
      'application_name ApplicationName',
      'How the session shows in `pg_stat_activity`. Default is `mig HOST PROCESS`.',
      'PGAPPNAME',
    ],
    ['fallback_application_name', 'The same, where `application_name` is not given.'],
    ['options', "Settings as on the server's command line, Neon's `endpoint=` too.", 'PGOPTIONS'],
    ['keepalives', '`0` turns TCP keepalive off.'],
    ['keepalives_idle', 'Seconds before the first keepalive.'],
    [
      'sslmode',
      '`disable`, `allow`, `prefer` (default), `require`, `verify-ca`, `verify-full`; `no-verify` of node-postgres is `require` without a check.',
      'PGSSLMODE',
    ],
    ['requiressl', '`1` is `sslmode=require`.', 'PGREQUIRESSL'],
    [
      'sslnegotiation',
      '`postgres` (default), or `direct`, which needs `sslmode=require` or more.',
      'PGSSLNEGOTIATION',
    ],
    [
      'sslrootcert',
      'Authorities to trust. Default is `~/.postgresql/root.crt`; `system` for those of Node.js, with `sslmode=verify-full`.',
      'PGSSLROOTCERT',
    ],
    ['sslcert', 'Client certificate. Default is `~/.postgresql/postgresql.crt`.', 'PGSSLCERT'],
    [
      'sslkey',
      'Its key, which nobody else may read. Default is `~/.postgresql/postgresql.key`.',
      'PGSSLKEY',
    ],
    ['sslpassword', 'Passphrase of the key.'],
    ['sslcertmode', '`disable` sends no client certificate; `allow` (default).', 'PGSSLCERTMODE'],
    [
      'sslcrl',
      'Revoked certificates. Default is `~/.postgresql/root.crl`. Needs a mode that checks the certificate.',
      'PGSSLCRL',
    ],
    ['sslcrldir', 'Folder of such files, named by hash as `openssl rehash` does.', 'PGSSLCRLDIR'],
    [
      'ssl_min_protocol_version',
      '`TLSv1`, `TLSv1.1`, `TLSv1.2` (default), `TLSv1.3`.',
      'PGSSLMINPROTOCOLVERSION',
    ],
    ['ssl_max_protocol_version', 'The same. Default is the newest.', 'PGSSLMAXPROTOCOLVERSION'],
    [
      'channel_binding',
      '`prefer` (default), `require`, `disable`: ties the login to the TLS connection, so that nobody can stand between.',
      'PGCHANNELBINDING',
    ],
    [
      'require_auth',
      'Ways to log in that the server may ask for, such as `scram-sha-256`, or with `!` those it may not.',
      'PGREQUIREAUTH',
    ],
    [
      'target_session_attrs',
      '`any` (default), `read-write`, `read-only`, `primary`, `standby`, `prefer-standby`: refuses another kind of server.',
      'PGTARGETSESSIONATTRS',
    ],
    [
      'gssencmode',
      '`disable` or `prefer`; `require` is refused: mig has no GSSAPI.',
      'PGGSSENCMODE',
    ],
    ['replication', 'Only `false`: a replication connection runs no migrations.'],
    ['min_protocol_version', 'Only `3.0`, the version that mig speaks.', 'PGMINPROTOCOLVERSION'],
    [
      'client_encoding encoding',
      'Only UTF-8 has an effect: files are UTF-8 and the server converts them.',
      'PGCLIENTENCODING',
    ],
    ['sslsni', '`1` (default); `0` is refused: mig always sends the name of the host.', 'PGSSLSNI'],
    [
      'load_balance_hosts',
      '`disable`; `random` is refused: mig has one server.',
      'PGLOADBALANCEHOSTS',
    ],
  ]),
  ...rows('libpq', 'ignored', [
    ['keepalives_interval', systemDecides],
    ['keepalives_count', systemDecides],
    ['tcp_user_timeout', systemDecides],
    ['sslcompression', 'Nobody compresses TLS any more.', 'PGSSLCOMPRESSION'],
    [
      'max_protocol_version',
      'mig speaks version 3.0, which every server takes.',
      'PGMAXPROTOCOLVERSION',
    ],
    ['krbsrvname', noGssapi, 'PGKRBSRVNAME'],
    ['krbspn', noGssapi],
    ['gsslib', noGssapi, 'PGGSSLIB'],
    ['gssdelegation', noGssapi, 'PGGSSDELEGATION'],
    ['tty authtype', 'PostgreSQL itself has no use for it any more.'],
  ]),
  ...rows('libpq', 'refused', [
    [
      'requirepeer',
      'Node.js cannot see who owns a Unix socket: keep its directory closed to others.',
      'PGREQUIREPEER',
    ],
    ['scram_client_key', 'Give the password itself.'],
    ['scram_server_key', 'Give the password itself.'],
    ['oauth_issuer', noOauth],
    ['oauth_client_id', noOauth],
    ['oauth_client_secret', noOauth],
    ['oauth_scope', noOauth],
    ['sslkeylogfile', 'Node.js has it: NODE_OPTIONS=--tls-keylog=FILE.'],
  ]),
]

/** Settings of the session that libpq takes from the environment. */
const sessionVariables = rows('libpq', 'used', [
  ['TimeZone', 'Time zone of the session.', 'PGTZ'],
  ['DateStyle', 'How the session writes dates.', 'PGDATESTYLE'],
  ['geqo', 'Whether the genetic query optimizer is used.', 'PGGEQO'],
])

const golangMigrate = rows('golang-migrate', 'used', [
  ['x-migrations-table', 'The version table. Default is `schema_migrations`.'],
  ['x-migrations-table-quoted', 'The value is `"table"` or `"schema"."table"`.'],
  ['x-statement-timeout', 'Milliseconds after which a script is cancelled.'],
  ['x-multi-statement', 'Runs every script statement by statement.'],
  ['x-trust-version-table', '`true` accepts triggers on the version table and the ledger.'],
  ['x-role', 'A role to take on after connecting, as `SET ROLE` does.'],
  ['x-lock-strategy', '`advisory` (default), `transaction`, `table`, `none`.'],
  ['x-lock-table', 'The table of the lock strategy `table`.'],
])

/** Parameters of other clients and tools, whose URLs people have at hand. */
const others: readonly ConnectionParameter[] = [
  ...rows('golang-migrate', 'ignored', [
    ['x-multi-statement-max-size', 'Statements may have any size.'],
  ]),
  ...rows('lib/pq', 'ignored', [
    ['binary_parameters', noPrepared],
    ['disable_prepared_binary_result', noPrepared],
  ]),
  ...rows('lib/pq', 'refused', [
    [
      'sslinline',
      'Put certificate and key into files: sslrootcert=FILE, sslcert=FILE, sslkey=FILE.',
    ],
  ]),
  ...rows('pgx', 'ignored', [
    ['default_query_exec_mode', noPrepared],
    ['statement_cache_mode', noPrepared],
    ['statement_cache_capacity', noPrepared],
    ['description_cache_capacity', noPrepared],
    ['prefer_simple_protocol', noPrepared],
    ['min_read_buffer_size', noPrepared],
    ['pool_max_conns', noPool],
    ['pool_min_conns', noPool],
    ['pool_min_idle_conns', noPool],
    ['pool_max_conn_lifetime', noPool],
    ['pool_max_conn_lifetime_jitter', noPool],
    ['pool_max_conn_idle_time', noPool],
    ['pool_health_check_period', noPool],
  ]),
  ...rows('node-postgres', 'used', [
    [
      'ssl',
      '`true` is `sslmode=verify-full`, `false` is `disable`, `no-verify` is `require`; `sslmode` goes before it.',
    ],
    ['connectionTimeoutMillis', '`connect_timeout` in milliseconds.'],
    ['keepAlive', '`keepalives`.'],
    ['keepAliveInitialDelayMillis', '`keepalives_idle` in milliseconds.'],
    ['enableChannelBinding', '`false` is `channel_binding=disable`; it is on by default.'],
  ]),
  ...rows('node-postgres', 'always', [
    ['uselibpqcompat', '`sslmode` has the meaning that libpq gives it.'],
  ]),
  ...rows('node-postgres', 'ignored', [
    ['max', noPool],
    ['min', noPool],
    ['maxUses', noPool],
    ['maxLifetimeSeconds', noPool],
    ['idleTimeoutMillis', noPool],
    ['allowExitOnIdle', noPool],
    ['query_timeout', 'x-statement-timeout says how long a script may run.'],
    ['binary', 'mig reads text.'],
    ['pipeline', 'mig decides by itself what it sends ahead.'],
    ['scramMaxIterations', 'The limit of node-postgres holds.'],
  ]),
  ...rows('Prisma', 'used', [
    ['schema', '`search_path` with this one schema.'],
    [
      'sslaccept',
      '`strict` is `sslmode=verify-full`; `accept_invalid_certs` is what `sslmode=require` does.',
    ],
    [
      'pgbouncer',
      '`true` is `x-lock-strategy=transaction`, which poolers in transaction mode need.',
    ],
  ]),
  ...rows('Prisma', 'ignored', [
    ['connection_limit', noPool],
    ['pool_timeout', noPool],
    ['max_connection_lifetime', noPool],
    ['max_idle_connection_lifetime', noPool],
    ['single_use_connections', noPool],
    ['statement_cache_size', noPrepared],
    ['socket_timeout', 'x-statement-timeout says how long a script may run.'],
  ]),
  ...rows('Prisma', 'refused', [
    [
      'sslidentity',
      'Take certificate and key out of it: openssl pkcs12 -in FILE -clcerts -nokeys -out client.crt; openssl pkcs12 -in FILE -nocerts -out client.key; then sslcert=client.crt&sslkey=client.key.',
    ],
  ]),
  ...rows('Supabase, Vercel', 'ignored', [
    ['supa', 'It is a word of Vercel to its own functions.'],
    ['workaround', 'It is a word of Vercel to its own functions.'],
  ]),
  ...rows('Postgres.js', 'ignored', [
    ['idle_timeout', noPool],
    ['max_lifetime', noPool],
    ['max_pipeline', 'mig decides by itself what it sends ahead.'],
    ['prepare', noPrepared],
    ['fetch_types', 'mig reads text.'],
  ]),
  ...rows('Rails, Django, SQLAlchemy', 'ignored', [
    ['pool pool_size', noPool],
    ['checkout_timeout', noPool],
    ['reaping_frequency', noPool],
    ['conn_max_age', noPool],
    ['prepared_statements', noPrepared],
    ['advisory_locks', 'x-lock-strategy says how mig locks.'],
  ]),
  ...rows('JDBC', 'used', [['currentSchema', '`search_path`, as it is written.']]),
  ...rows('JDBC', 'ignored', [
    ['prepareThreshold', noPrepared],
    ['preparedStatementCacheQueries', noPrepared],
    ['reWriteBatchedInserts', noPrepared],
    ['defaultRowFetchSize', 'mig reads few rows.'],
    ['tcpKeepAlive', 'Keepalive is on; keepalives=0 turns it off.'],
    ['socketTimeout', 'x-statement-timeout says how long a script may run.'],
    ['stringtype', noPrepared],
  ]),
  ...rows('JDBC', 'refused', [
    ['sslfactory', 'Write sslmode=require, or sslmode=verify-full with sslrootcert=FILE.'],
    ['sslhostnameverifier', 'Write sslmode=verify-full, or sslmode=verify-ca for any host name.'],
    ['loginTimeout', 'Write connect_timeout=SECONDS.'],
    ['targetServerType', `Write target_session_attrs=primary. ${oneServer}`],
    ['loadBalanceHosts', oneServer],
  ]),
]

/** Every parameter that the driver knows; any other one is a setting of the session, which the server takes or refuses. */
export const postgresParameters: ConnectionParameters = connectionParameters([
  ...libpq,
  ...sessionVariables,
  ...golangMigrate,
  ...others,
])
