import type { DriverDescriptor } from '@mig/core/driver'

const descriptor: DriverDescriptor = {
  name: 'mysql',
  schemes: ['mysql', 'mariadb'],
  environment: [
    'MYSQL_HOST',
    'MYSQL_TCP_PORT',
    'MYSQL_UNIX_PORT',
    'MYSQL_USER',
    'MYSQL_PWD',
    'MYSQL_PASSWORD',
    'MYSQL_DATABASE',
  ],
  load: () => import('./module.ts'),
  dropIn: { schemes: ['mysql'], load: () => import('./golang-migrate/index.ts') },
}

/** The `drivers` hook: makes the driver known to the command line. */
export default function drivers(): Promise<DriverDescriptor> {
  return Promise.resolve(descriptor)
}
