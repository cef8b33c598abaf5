import { hostname, userInfo } from 'node:os'

/** Who runs this process, as `user@host`. */
export const defaultActor = (): string => {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A user id without an entry in the user database, as containers have it.
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`
  }
}
