import { existsSync } from 'node:fs'

/** The real golang-migrate, or why there is none. */
export type Reference =
  { readonly path: string } | { readonly path?: never; readonly reason: string }

/** Finds the real golang-migrate by `MIG_GOLANG_MIGRATE`. */
export const findReference = (): Reference => {
  const path = process.env['MIG_GOLANG_MIGRATE'] ?? ''
  if (path === '') return { reason: 'MIG_GOLANG_MIGRATE names no golang-migrate binary' }
  if (!existsSync(path)) return { reason: `MIG_GOLANG_MIGRATE: there is no ${path}` }
  return { path }
}
