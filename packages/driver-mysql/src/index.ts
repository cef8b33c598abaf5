export { mysqlDriver } from './factory.ts'
export type {
  MysqlClient,
  MysqlDriverOptions,
  MysqlTlsMode,
  MysqlTlsOptions,
} from './connect/options.ts'
