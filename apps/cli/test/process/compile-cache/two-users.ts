import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'

/** A user of this machine, made for a test. */
export interface TestUser {
  readonly name: string
  readonly id: number
}

/** Why no users can be made here, if so. */
export const noUsers: string | undefined =
  process.getuid?.() === 0 ? undefined : 'only root can add users'

export const addUser = (role: string): TestUser => {
  const name = `mig-${role}-${randomBytes(3).toString('hex')}`
  execFileSync('useradd', ['--no-create-home', '--shell', '/usr/sbin/nologin', name])
  return { name, id: Number(execFileSync('id', ['-u', name], { encoding: 'utf8' })) }
}

export const removeUser = ({ name }: TestUser): void => {
  execFileSync('userdel', [name])
}
