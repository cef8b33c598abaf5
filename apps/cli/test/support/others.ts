import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { noOtherUser } from '@mig/internal-testing'
import { onTestFinished } from 'vitest'

/** Two users of a machine that have nothing to do with each other. Neither needs an entry in the user database. */
export const others = { attacker: 4001, victim: 4002 } as const

/** Why a test with two users cannot run here, or nothing. */
export const noUsers: string | undefined = noOtherUser(others.victim)

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
