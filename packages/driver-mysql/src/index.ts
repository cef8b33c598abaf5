export { mysqlDriver } from './mysql-factory.ts'
export type {
  MysqlClient,
  MysqlDriverOptions,
  MysqlTlsMode,
  MysqlTlsOptions,
} from './mysql-options.ts'
