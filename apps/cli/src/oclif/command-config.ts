import type { Config } from '@oclif/core/config'

/** What mig's own commands need of oclif's configuration. */
export type CommandConfig = Pick<
  Config,
  'root' | 'version' | 'userAgent' | 'dataDir' | 'runHook'
> & {
  readonly options: object
}
