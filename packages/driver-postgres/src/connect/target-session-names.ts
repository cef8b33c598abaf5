/** What kind of server a connection may be to, in libpq's words. */
export type TargetSession = (typeof targetSessions)[number]

/** All of them. */
export const targetSessions = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const
