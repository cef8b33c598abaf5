import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Config } from '@oclif/core/config'
import type { Hook, Hooks } from '@oclif/core/interfaces'

/** What stands in mig's own package.json. */
export type PackageJson = Config['pjson']

/** Reads the package.json of a folder. */
export const readPackage = (folder: string): PackageJson =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson

/**
 * A configuration with no plugin and no list of commands. It has what mig's own commands need and finds it where oclif
 * would; oclif's own way there takes as long as Node takes to start.
 */
export class OwnConfig extends Config {
  override async load(): Promise<void> {
    const { root } = this.options
    const pjson = readPackage(root)
    const { name, version, oclif } = pjson
    this.root = root
    this.pjson = pjson
    this.name = name
    this.version = version
    this.bin = oclif.bin ?? name
    this.dirname = oclif.dirname ?? name
    this.topicSeparator = oclif.topicSeparator === ' ' ? ' ' : ':'
    this.windows = process.platform === 'win32'
    this.userAgent = `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`
    const { HOME } = process.env
    this.home = HOME === undefined || HOME === '' ? homedir() : HOME
    this.dataDir = this.scopedEnvVar('DATA_DIR') ?? this.dir('data')
  }

  /** There is no plugin that could have a hook. */
  override async runHook<T extends keyof Hooks>(): Promise<Hook.Result<Hooks[T]['return']>> {
    return { successes: [], failures: [] }
  }
}
