import {
  connectionParameters,
  type ConnectionParameter,
  type ConnectionParameters,
  parameterRows as rows,
} from '@mig/core/driver'

const noPool = 'mig opens the two connections that it needs.'
const noPrepared = 'mig prepares no statements.'
const noRows = 'It is about rows that a program reads.'
const noNetworkLimit =
  'A statement may take long; x-statement-timeout says how long a migration may run.'
const noOptionFile = 'mig reads no option files: write what stands there into the URL.'
const ownPlugin = 'The server chooses among the ways to log in that mysql2 has.'
const ownFlags = 'mig sets them as it needs them.'
const uncompressed = 'mig sends and reads little.'
const inUrl = 'Write it into the URL: mysql://user:password@host:3306/name.'
const keyStore =
  'Write PEM files: x-tls-ca=FILE for the authority, x-tls-cert=FILE and x-tls-key=FILE for the client.'

const golangMigrate: readonly ConnectionParameter[] = [
  ...rows('golang-migrate', 'used', [
    ['x-migrations-table', 'The version table. Default is `schema_migrations`.'],
    ['x-trust-version-table', '`true` accepts triggers on the version table.'],
    ['x-no-lock', '`true` takes no lock.'],
    ['x-statement-timeout', 'Milliseconds after which a migration is cancelled.'],
    ['x-tls-ca', 'Authorities to trust; without `tls` it means that the certificate is checked.'],
    ['x-tls-cert', 'Certificate of the client.'],
    ['x-tls-key', 'Its key.'],
    ['x-tls-insecure-skip-verify', '`true` takes any certificate.'],
  ]),
  ...rows('go-sql-driver', 'used', [
    [
      'tls',
      '`false` (default), `true`, `skip-verify`, `preferred`, or any name together with `x-tls-ca`.',
    ],
    ['timeout', 'How long the server may take to accept the connection. Default is `10s`.'],
    ['collation', 'A UTF-8 collation. Default is `utf8mb4_general_ci`.'],
    ['charset default-character-set characterEncoding', 'A UTF-8 character set.'],
    [
      'allowCleartextPasswords enable-cleartext-plugin enableCleartextPlugin',
      '`true` sends the password as plain text where the server asks for it.',
    ],
    [
      'serverPubKey server-public-key-path serverRSAPublicKeyFile',
      "PEM file with the server's RSA key, for a password over a connection without TLS.",
    ],
    ['allowNativePasswords', 'Only `true`: mysql2 logs in so where the server asks for it.'],
  ]),
  ...rows('go-sql-driver', 'always', [
    ['multiStatements multipleStatements allowMultiQueries', 'Files may hold many statements.'],
  ]),
  ...rows('go-sql-driver', 'ignored', [
    ['allowAllFiles', 'LOAD DATA LOCAL is not available.'],
    ['allowFallbackToPlaintext', 'Only tls=preferred goes on without TLS.'],
    ['allowOldPasswords', 'Servers have no such passwords any more.'],
    ['checkConnLiveness', noPool],
    ['clientFoundRows', noRows],
    ['columnsWithAlias', noRows],
    ['connectionAttributes connectAttributes', ownFlags],
    ['interpolateParams', noPrepared],
    ['loc', noRows],
    ['maxAllowedPacket', 'The server says what it takes.'],
    ['parseTime', noRows],
    ['timeTruncate', noRows],
    ['readTimeout', noNetworkLimit],
    ['writeTimeout', noNetworkLimit],
    ['rejectReadOnly', 'A read-only server is reported.'],
  ]),
]

const mysqlClient: readonly ConnectionParameter[] = [
  ...rows('MySQL client', 'used', [
    ['user', 'Where the URL itself has none.', 'MYSQL_USER'],
    ['password', 'The same. Better placed in `MYSQL_PWD`.', 'MYSQL_PWD MYSQL_PASSWORD'],
    ['host', 'The same.', 'MYSQL_HOST'],
    ['port', 'The same.', 'MYSQL_TCP_PORT'],
    ['database', 'The same.', 'MYSQL_DATABASE'],
    ['socket socketPath unix_socket', "Path of the server's socket.", 'MYSQL_UNIX_PORT'],
    [
      'ssl-mode sslMode',
      '`DISABLED`, `PREFERRED`, `REQUIRED`, `VERIFY_CA`, `VERIFY_IDENTITY`; `trust` of MariaDB.',
    ],
    ['ssl-ca serverSslCert', '`x-tls-ca`.'],
    ['ssl-cert', '`x-tls-cert`.'],
    ['ssl-key', '`x-tls-key`.'],
    ['ssl-verify-server-cert ssl_verify_identity', '`true` checks certificate and host name.'],
    ['ssl_verify_cert verifyServerCertificate', '`true` checks the certificate.'],
    [
      'tls-version enabledTLSProtocols tlsVersions enabledSslProtocolSuites',
      'Versions such as `TLSv1.2,TLSv1.3`.',
    ],
    [
      'get-server-public-key allowPublicKeyRetrieval',
      '`true` takes the RSA key of any server for a password without TLS; so it is anyway on this machine.',
    ],
    ['connect-timeout', 'Seconds for the server to accept the connection.'],
    ['protocol', 'Only `tcp` and `socket`, as the URL is.'],
  ]),
  ...rows('MySQL client', 'ignored', [
    ['compress useCompression', uncompressed],
    ['compression-algorithms', uncompressed],
    ['zstd-compression-level', uncompressed],
    ['max-allowed-packet', 'The server says what it takes.'],
    ['net-buffer-length', 'Node.js has its own.'],
    ['local-infile allowLoadLocalInfile', 'LOAD DATA LOCAL is not available.'],
    ['reconnect autoReconnect', 'mig connects again where that is safe.'],
    ['default-auth', ownPlugin],
    ['plugin-dir', ownPlugin],
    ['tls-sni-servername', 'The name of the host is sent.'],
    ['ssl-session-data', 'mysql2 keeps TLS sessions by itself.'],
  ]),
  ...rows('MySQL client', 'refused', [
    ['ssl-capath', 'Put the authorities into one file: x-tls-ca=FILE.'],
    [
      'ssl-crl',
      'mysql2 reads no lists of revoked certificates. Trust an authority of your own: x-tls-ca=FILE.',
    ],
    [
      'ssl-crlpath',
      'mysql2 reads no lists of revoked certificates. Trust an authority of your own: x-tls-ca=FILE.',
    ],
    [
      'ssl-cipher',
      "Leave it out: Node.js's ciphers hold, which NODE_OPTIONS=--tls-cipher-list=… sets.",
    ],
    [
      'tls-ciphersuites',
      "Leave it out: Node.js's ciphers hold, which NODE_OPTIONS=--tls-cipher-list=… sets.",
    ],
    ['ssl-fips-mode', 'Leave it out: NODE_OPTIONS=--enable-fips turns it on.'],
    ['ssl-fp', 'Trust the certificate itself: x-tls-ca=FILE.'],
    ['ssl-fplist', 'Trust the certificate itself: x-tls-ca=FILE.'],
    ['init-command', 'Write a session variable as NAME=VALUE.'],
    ['bind-address localAddress', 'Leave it out: the system chooses the address.'],
    ['defaults-file', noOptionFile],
    ['defaults-extra-file', noOptionFile],
    ['defaults-group-suffix', noOptionFile],
    ['login-path', noOptionFile],
  ]),
]

const mysql2: readonly ConnectionParameter[] = [
  ...rows('mysql2, PlanetScale', 'used', [
    [
      'ssl',
      '`true` checks certificate and host name; or JSON: `{"rejectUnauthorized":true}`, with `ca` as PEM.',
    ],
    ['connectTimeout', 'Milliseconds for the server to accept the connection.'],
    ['insecureAuth', 'Only `false`.'],
  ]),
  ...rows('mysql2', 'ignored', [
    ['bigNumberStrings', noRows],
    ['supportBigNumbers', noRows],
    ['decimalNumbers', noRows],
    ['dateStrings', noRows],
    ['jsonStrings', noRows],
    ['rowsAsArray', noRows],
    ['nestTables', noRows],
    ['typeCast', noRows],
    ['timezone', `${noRows} The zone of the session is the variable time_zone.`],
    ['stringifyObjects', noPrepared],
    ['namedPlaceholders', noPrepared],
    ['queryFormat', noPrepared],
    ['maxPreparedStatements', noPrepared],
    ['enableKeepAlive', 'Keepalive is on.'],
    ['keepAliveInitialDelay', 'The system decides.'],
    ['connectionLimit', noPool],
    ['maxIdle', noPool],
    ['idleTimeout', noPool],
    ['queueLimit', noPool],
    ['waitForConnections', noPool],
    ['resetOnRelease', noPool],
    ['gracefulEnd', noPool],
    ['disableEval', 'It is so.'],
    ['trace', 'DEBUG=* shows more.'],
    ['debug', 'DEBUG=* shows more.'],
    ['charsetNumber', 'The collation is a name: collation=utf8mb4_general_ci.'],
  ]),
  ...rows('mysql2', 'refused', [
    ['flags', `Leave it out: ${ownFlags}`],
    ['uri', inUrl],
    ['password1', inUrl],
    ['password2', 'mig cannot log in with more than one password.'],
    ['password3', 'mig cannot log in with more than one password.'],
    ['passwordSha1', 'Give the password itself.'],
    ['authPlugins', 'Hand in a client of mysql2 that has them.'],
    ['authSwitchHandler', 'Hand in a client of mysql2 that has it.'],
    ['infileStreamFactory', 'Hand in a client of mysql2 that has it.'],
    ['stream', 'Hand in a client of mysql2 that has it.'],
    ['isServer', 'Leave it out.'],
    ['Promise', 'Leave it out.'],
  ]),
]

const others: readonly ConnectionParameter[] = [
  ...rows('Prisma', 'used', [
    [
      'sslaccept',
      '`strict` checks certificate and host name; `accept_invalid_certs` encrypts only.',
    ],
    ['sslcert', '`x-tls-ca`: with Prisma it is the certificate of the server.'],
  ]),
  ...rows('Prisma', 'ignored', [
    ['connection_limit', noPool],
    ['pool_timeout', noPool],
    ['max_connection_lifetime', noPool],
    ['max_idle_connection_lifetime', noPool],
    ['statement_cache_size', noPrepared],
    ['socket_timeout', noNetworkLimit],
    ['prefer_socket', 'The URL says which it is.'],
  ]),
  ...rows('Prisma', 'refused', [
    [
      'sslidentity',
      'Take certificate and key out of it with "openssl pkcs12": x-tls-cert=FILE&x-tls-key=FILE.',
    ],
    ['sslpassword', 'Keep the key without a passphrase: x-tls-key=FILE.'],
  ]),
  ...rows('Connector/J', 'used', [
    ['useSSL', '`true` encrypts, and goes no other way; `false` does not.'],
    ['requireSSL', '`true` encrypts.'],
    ['trustServerCertificate', '`true` encrypts and takes any certificate.'],
    ['connectionCollation', '`collation`.'],
  ]),
  ...rows('Connector/J', 'ignored', [
    ['useUnicode', 'It is always so.'],
    ['socketTimeout', noNetworkLimit],
    ['serverTimezone', `${noRows} The zone of the session is the variable time_zone.`],
    ['connectionTimeZone', `${noRows} The zone of the session is the variable time_zone.`],
    ['useLegacyDatetimeCode', noRows],
    ['zeroDateTimeBehavior', noRows],
    ['tinyInt1isBit', noRows],
    ['useInformationSchema', noRows],
    ['nullCatalogMeansCurrent', noRows],
    ['noAccessToProcedureScripts', noRows],
    ['rewriteBatchedStatements', noPrepared],
    ['useServerPrepStmts', noPrepared],
    ['cachePrepStmts', noPrepared],
    ['prepStmtCacheSize', noPrepared],
    ['minPoolSize', noPool],
    ['maxPoolSize', noPool],
  ]),
  ...rows('Connector/J', 'refused', [
    [
      'sessionVariables',
      'Write each one as a parameter of its own: sql_mode=%27ANSI%27&time_zone=%27%2B00%3A00%27.',
    ],
    ['createDatabaseIfNotExist', 'Create the database first.'],
    ['disableSslHostnameVerification', 'Write ssl-mode=VERIFY_CA.'],
    ['trustCertificateKeyStoreUrl trustStore', keyStore],
    ['trustCertificateKeyStoreType', keyStore],
    ['trustCertificateKeyStorePassword trustStorePassword', keyStore],
    ['clientCertificateKeyStoreUrl keyStore', keyStore],
    ['clientCertificateKeyStoreType', keyStore],
    ['clientCertificateKeyStorePassword keyStorePassword', keyStore],
  ]),
  ...rows('Rails, Django, SQLAlchemy', 'ignored', [
    ['pool pool_size', noPool],
    ['checkout_timeout', noPool],
    ['conn_max_age', noPool],
    ['prepared_statements', noPrepared],
    ['encoding', 'Files are UTF-8.'],
    ['use_unicode', 'It is always so.'],
  ]),
]

/** Every parameter that the driver knows; any other one is a session variable, which the server takes or refuses. */
export const mysqlParameters: ConnectionParameters = connectionParameters([
  ...golangMigrate,
  ...mysqlClient,
  ...mysql2,
  ...others,
])
