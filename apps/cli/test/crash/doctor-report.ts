import { expect } from 'vitest'
import type { DoctorReport, RepairReport } from '../../src/reports/doctor-report.ts'
import { runMig, type Exit } from './mig-process.ts'

/** Where a `mig` of a test works. */
export interface Place {
  readonly path: string
  readonly url: string
}

const place = ({ path, url }: Place): string[] => ['--path', path, '--database', url]

/** Runs a command of `mig`. */
export const mig = (at: Place, ...args: readonly string[]): Promise<Exit> =>
  runMig([...args, ...place(at)])

/** Asks the doctor. Its exit code must say what it found. */
export const doctor = async (at: Place): Promise<DoctorReport> => {
  const { code, stdout, stderr } = await mig(at, 'doctor', '--json')
  expect(stderr).toBe('')
  const { result } = JSON.parse(stdout) as { readonly result: DoctorReport }
  expect(code).toBe(result.state.dirty ? 3 : result.healthy ? 0 : 1)
  return result
}

/** What the doctor says of a dirty database, or of the last run, without what depends on the server's settings. */
export const saidOf = ({ findings }: DoctorReport, ...more: readonly string[]): string => {
  const told = new Set(['DIRTY', 'LAST_RUN_FAILED', 'DIRTY_WITHOUT_FILE', ...more])
  return findings
    .filter(({ code }) => told.has(code))
    .map(({ title, details, command }) =>
      [title, ...details.map((line) => `  ${line}`), `  > ${command ?? ''}`].join('\n'),
    )
    .join('\n')
    .replace(/\bmig_[0-9a-f]{6,}\b/g, 'DATABASE')
}

/** Runs a repair that must succeed. */
export const repair = async (at: Place, ...args: readonly string[]): Promise<RepairReport> => {
  const { code, stdout, stderr } = await mig(at, 'repair', '--json', ...args)
  expect(code, stdout + stderr).toBe(0)
  return (JSON.parse(stdout) as { readonly result: RepairReport }).result
}

/** Runs a command that must succeed. */
export const succeed = async (at: Place, ...args: readonly string[]): Promise<void> => {
  const { code, stdout, stderr } = await mig(at, ...args)
  expect(code, stdout + stderr).toBe(0)
}
