import type { DriverDescriptor } from '@mig/core/driver'

const descriptor: DriverDescriptor = {
  name: 'postgres',
  schemes: ['postgres', 'postgresql', 'pgx', 'pgx4', 'pgx5'],
  environment: [
    'PGHOST',
    'PGPORT',
    'PGUSER',
    'PGPASSWORD',
    'PGPASSFILE',
    'PGDATABASE',
    'PGSSLMODE',
    'PGSSLROOTCERT',
    'PGSSLCERT',
    'PGSSLKEY',
    'PGAPPNAME',
    'PGOPTIONS',
    'PGCONNECT_TIMEOUT',
  ],
  load: () => import('./index.ts'),
  dropIn: {
    schemes: ['postgres', 'postgresql', 'pgx', 'pgx4', 'pgx5'],
    load: () => import('./golang-migrate/index.ts'),
  },
}

/** The body of the `drivers` hook. Loads neither oclif nor the client. */
export default function drivers(): Promise<DriverDescriptor> {
  return Promise.resolve(descriptor)
}
