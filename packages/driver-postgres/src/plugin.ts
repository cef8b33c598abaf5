import type { DriverDescriptor } from '@mig/core/driver'

const descriptor: DriverDescriptor = {
  name: 'postgres',
  schemes: ['postgres', 'postgresql', 'pgx', 'pgx4', 'pgx5'],
  // Those of the table of connection parameters, which is not loaded for it.
  environment: [
    'PGHOST',
    'PGHOSTADDR',
    'PGPORT',
    'PGUSER',
    'PGPASSWORD',
    'PGPASSFILE',
    'PGDATABASE',
    'PGSERVICE',
    'PGSERVICEFILE',
    'PGCONNECT_TIMEOUT',
    'PGAPPNAME',
    'PGOPTIONS',
    'PGSSLMODE',
    'PGREQUIRESSL',
    'PGSSLNEGOTIATION',
    'PGSSLROOTCERT',
    'PGSSLCERT',
    'PGSSLKEY',
    'PGSSLCERTMODE',
    'PGSSLCRL',
    'PGSSLCRLDIR',
    'PGSSLMINPROTOCOLVERSION',
    'PGSSLMAXPROTOCOLVERSION',
    'PGCHANNELBINDING',
    'PGREQUIREAUTH',
    'PGTARGETSESSIONATTRS',
    'PGGSSENCMODE',
    'PGMINPROTOCOLVERSION',
    'PGCLIENTENCODING',
    'PGSSLSNI',
    'PGLOADBALANCEHOSTS',
    'PGSSLCOMPRESSION',
    'PGMAXPROTOCOLVERSION',
    'PGKRBSRVNAME',
    'PGGSSLIB',
    'PGGSSDELEGATION',
    'PGREQUIREPEER',
    'PGTZ',
    'PGDATESTYLE',
    'PGGEQO',
    'PGSYSCONFDIR',
  ],
  load: () => import('./index.ts'),
  dropIn: {
    schemes: ['postgres', 'postgresql', 'pgx', 'pgx4', 'pgx5'],
    load: () => import('./golang-migrate/index.ts'),
  },
}

/** The script of the `drivers` hook. Loads neither oclif nor the client. */
export default function drivers(): Promise<DriverDescriptor> {
  return Promise.resolve(descriptor)
}
