import type { DatabaseKind } from '@mig/testing'
import { at, type ListedCase } from './listed-case.ts'

type How = Pick<ListedCase, 'parameters' | 'scheme' | 'url'>

const refused = (kind: DatabaseKind, quirk: string, how: How, text: string): ListedCase => ({
  quirk,
  kind,
  ...how,
  command: 'version',
  theirs: { exitCode: 1, stderr: `error: failed to open database: ${text}\n` },
})

/** URLs that a database client does not take, or takes in a way of its own. */
export const connectionCases: readonly ListedCase[] = [
  refused(
    'postgres',
    'a port that is none, lib/pq',
    { url: at('127.0.0.1:99999') },
    'dial tcp: address 99999: invalid port',
  ),
  refused(
    'postgres',
    'a time that is none, lib/pq',
    { parameters: 'connect_timeout=abc' },
    'invalid value for parameter connect_timeout: strconv.ParseInt: parsing "abc": invalid syntax',
  ),
  refused(
    'postgres',
    'an encoding that lib/pq does not take',
    { parameters: 'client_encoding=LATIN1' },
    "client_encoding must be absent or 'UTF8'",
  ),
  refused(
    'postgres',
    'a parameter of pgx, lib/pq',
    { parameters: 'default_query_exec_mode=exec' },
    'pq: unrecognized configuration parameter "default_query_exec_mode"',
  ),
  refused(
    'postgres',
    'an empty search_path, pgx',
    { scheme: 'pgx', parameters: 'search_path=' },
    'sql: Scan error on column index 0, name "current_schema": converting NULL to string is unsupported in line 0: SELECT CURRENT_SCHEMA()',
  ),
  refused(
    'mysql',
    'a port that is none',
    { url: at('tcp(127.0.0.1:99999)') },
    'dial tcp: address 99999: invalid port',
  ),
  refused(
    'mysql',
    'a port that is no number',
    { url: at('tcp(127.0.0.1:x)') },
    'dial tcp: lookup tcp/x: unknown port',
  ),
  refused(
    'mysql',
    'a query that cannot be read',
    { parameters: '%zz=1' },
    'invalid URL escape "%zz"',
  ),
  refused(
    'mysql',
    'a file of certificates that is not there',
    { parameters: 'tls=custom&x-tls-ca=/nope' },
    'open /nope: no such file or directory',
  ),
  refused(
    'mysql',
    'a time without a unit',
    { parameters: 'readTimeout=5' },
    'time: missing unit in duration "5"',
  ),
  refused(
    'mysql',
    'a time that is none',
    { parameters: 'timeout=abc' },
    'time: invalid duration "abc"',
  ),
  refused(
    'mysql',
    'a unit that is none',
    { parameters: 'writeTimeout=1x' },
    'time: unknown unit "x" in duration "1x"',
  ),
  refused(
    'mysql',
    'a time zone that is none',
    { parameters: 'loc=Mars' },
    'unknown time zone Mars',
  ),
  refused(
    'mysql',
    'a number that is none',
    { parameters: 'maxAllowedPacket=abc' },
    'strconv.Atoi: parsing "abc": invalid syntax',
  ),
  refused(
    'mysql',
    'a key that nobody registered',
    { parameters: 'serverPubKey=nope' },
    'invalid value / unknown server pub key name: nope',
  ),
  refused(
    'mysql',
    'a collation that is none',
    { parameters: 'collation=nope' },
    'unknown collation',
  ),
  refused(
    'sqlite',
    'a format of times that is none',
    { parameters: '_time_format=x' },
    'unknown _time_format "x"',
  ),
  {
    quirk: 'a parameter of lib/pq, pgx',
    kind: 'postgres',
    scheme: 'pgx',
    parameters: 'binary_parameters=yes',
    command: 'version',
    theirs: {
      exitCode: 1,
      stderr:
        /server error \(FATAL: unrecognized configuration parameter "binary_parameters" \(SQLSTATE 42704\)\)\n$/,
    },
  },
  {
    quirk: 'an address of IPv6, pgx5',
    kind: 'postgres',
    scheme: 'pgx5',
    url: at('[::1]:1'),
    command: 'version',
    theirs: {
      exitCode: 1,
      // Where there is no IPv6 it is not refused.
      stderr: /: \[::1\]:1 \(::1\): dial error: dial tcp \[::1\]:1: connect: [a-z ]+\n$/,
    },
  },
  {
    quirk: 'of two users lib/pq takes the one that sorts last',
    kind: 'postgres',
    parameters: 'user=aaa',
    command: 'version',
    theirs: { exitCode: 1, stderr: 'error: no migration\n' },
  },
  {
    quirk: 'a time that is over already',
    kind: 'mysql',
    parameters: 'x-statement-timeout=-5',
    files: { '1_a.up.sql': 'SELECT 1' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr: 'error: migration failed in line 0: SELECT 1 (details: context deadline exceeded)\n',
    },
  },
]
