import { formatDuration } from '../config/duration.ts'
import type { Settings } from '../config/load-settings.ts'
import {
  settingDefinitions,
  settingNames,
  type SettingName,
} from '../config/setting-definitions.ts'
import { maskSetting, maskUrl } from '@mig/app-kit/secrets'
import { relativePath } from '../process/paths.ts'

/** One setting's value and where it came from. */
export interface SettingReport {
  readonly value: string | boolean | null
  /** `--lock`, `MIG_LOCK`, `.env: MIG_LOCK`, `mig.config.ts`, `default`. */
  readonly origin: string
}

/** All settings. */
export interface ConfigReport {
  readonly configFile: string | null
  readonly protected: boolean
  readonly settings: Readonly<Record<string, SettingReport>>
}

const urls = new Set<SettingName>(['database', 'source'])

/** The settings as they are reported: passwords hidden, durations as they are written, paths as people write them. */
export const configReport = (
  settings: Settings,
  isProtected: boolean,
  cwd: string,
): ConfigReport => ({
  configFile: settings.configFile ?? null,
  protected: isProtected,
  settings: Object.fromEntries(
    settingNames.map((name): [string, SettingReport] => {
      const { value, origin } = settings.resolved[name]
      const { kind } = settingDefinitions[name]
      if (typeof value === 'boolean') return [name, { value, origin: origin.name }]
      const shown =
        value === undefined
          ? null
          : typeof value === 'number'
            ? formatDuration(value)
            : kind === 'path'
              ? relativePath(value, cwd)
              : urls.has(name)
                ? maskSetting(value)
                : maskUrl(value)
      return [name, { value: shown, origin: origin.name }]
    }),
  ),
})
