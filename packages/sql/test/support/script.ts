import type { Script } from '../../src/index.ts'

/** The texts of a body's statements. */
export const texts = (script: Script): string[] => Array.from(script.statements, ({ text }) => text)

/** Role and command of a body's only statement, and the reason if there is one. */
export function kindOf(script: Script): string[] {
  if (script.problem !== undefined) throw new Error(script.problem.message)
  if (script.statements.length !== 1) throw new Error(`${script.statements.length} statements`)
  return Array.from(script.statements, ({ role, command, reason }) =>
    [role, command, ...(reason === undefined ? [] : [reason])].join(': '),
  )
}
