import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** Two users of a machine that have nothing to do with each other. Neither needs an entry in the user database. */
export const others = { attacker: 4001, victim: 4002 } as const

/** Whether the checkout is where another user can run mig from it. */
const isReachable = (): boolean => {
  const { victim } = others
  const args = [fileURLToPath(new URL('../../bin/run.js', import.meta.url)), '--version']
  return spawnSync(process.execPath, args, { uid: victim, gid: victim, cwd: '/' }).status === 0
}

const reason = (): string | undefined => {
  if (process.platform === 'win32' || process.getuid?.() !== 0) {
    return 'needs to run as root, to act as two users'
  }
  return isReachable() ? undefined : 'needs a checkout in a folder that other users can read'
}

/** Why a test with two users cannot run here, or nothing. */
export const noUsers: string | undefined = reason()

/** A folder of root's that everyone can look into, and what is made in it for somebody. */
export interface SharedGround {
  readonly folder: string
  /** Makes a folder that belongs to somebody, and gives its path. */
  make(path: string, owner: number, mode?: number): string
  /** Writes a file that belongs to somebody. */
  write(path: string, owner: number, text: string, mode?: number): string
}

/** Makes a folder that is gone with the test. */
export const sharedGround = (): SharedGround => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-others-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  const make = (path: string, owner: number, mode = 0o755): string => {
    const whole = join(folder, path)
    mkdirSync(whole, { recursive: true })
    chownSync(whole, owner, owner)
    chmodSync(whole, mode)
    return whole
  }
  return {
    folder,
    make,
    write: (path, owner, text, mode = 0o644) => {
      const whole = join(folder, path)
      mkdirSync(dirname(whole), { recursive: true })
      writeFileSync(whole, text)
      chownSync(whole, owner, owner)
      chmodSync(whole, mode)
      return whole
    },
  }
}
