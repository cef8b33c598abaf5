import type pg from 'pg'
import { MigrateError } from '@mig/core/driver'
import type { LoginMethod } from './allowed-methods.ts'
import { placeOf } from './connect-error.ts'
import type { PostgresSettings } from './options.ts'

const descriptions: Readonly<Partial<Record<LoginMethod, string>>> = {
  password: 'asks for the password in clear text',
  md5: 'asks for a password by MD5',
  'scram-sha-256': 'asks for a password by SCRAM',
  none: 'asks for no password',
}

/** Why a login was broken off. */
export interface LoginGuard {
  /** The error, as soon as the server asked for something that the settings do not allow. */
  readonly refusal: MigrateError | undefined
}

/**
 * Watches what a server asks for before the client answers. For something that `require_auth` or `channel_binding` does
 * not allow the connection is cut at once, so that nothing made of the password is sent. To be called before the client
 * connects: its listeners then come before the client's own.
 */
export const guardLogin = (
  client: pg.Client,
  settings: PostgresSettings,
  encrypted: boolean,
): LoginGuard => {
  const { allowedMethods, channelBinding } = settings
  const guard: { refusal: MigrateError | undefined } = { refusal: undefined }
  if (allowedMethods === undefined && channelBinding !== 'require') return guard
  const connection: NodeJS.EventEmitter = client.connection
  let asked: LoginMethod = 'none'
  let bound = false
  let finished = false

  const refuse = (does: string, rule: string, hint: string): void => {
    guard.refusal ??= new MigrateError(
      'CONNECTION_FAILED',
      `PostgreSQL at ${placeOf(settings)} ${does}, which ${rule} does not allow`,
      { hint, details: { retryable: false } },
    )
    client.connection.stream.destroy()
  }
  const check = (method: LoginMethod): void => {
    const does = descriptions[method] ?? `asks for ${method}`
    if (allowedMethods?.has(method) === false) {
      const hint =
        'No password was sent. Somebody may stand between; or the server logs in another way than require_auth says.'
      refuse(does, 'require_auth', hint)
    } else if (channelBinding === 'require' && !bound) {
      const hint = encrypted
        ? 'No password was sent. Somebody may stand between; or the server cannot bind logins to TLS: then leave channel_binding out.'
        : 'No password was sent. Channel binding needs TLS: write sslmode=require or more.'
      refuse(
        method === 'scram-sha-256' ? `${does} without TLS` : does,
        'channel_binding=require',
        hint,
      )
    }
  }
  const ask = (method: LoginMethod, binds = false): void => {
    asked = method
    bound = binds
    check(method)
  }

  connection.on('authenticationCleartextPassword', () => ask('password'))
  connection.on('authenticationMD5Password', () => ask('md5'))
  connection.on('authenticationSASL', ({ mechanisms }: { readonly mechanisms: string[] }) => {
    ask('scram-sha-256', encrypted && mechanisms.includes('SCRAM-SHA-256-PLUS'))
  })
  connection.on('authenticationSASLFinal', () => (finished = true))
  connection.on('authenticationOk', () => {
    // A server that lets somebody in halfway through SCRAM never proved that it knows the password.
    if (asked === 'scram-sha-256' && !finished) [asked, bound] = ['none', false]
    check(asked)
  })
  return guard
}
