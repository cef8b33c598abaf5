import type { ParsedScript } from '../../src/index.ts'

/** The texts of a script's statements. */
export const texts = (parsed: ParsedScript): string[] =>
  Array.from(parsed.statements, ({ text }) => text)

/** Role and command of a script's only statement, and the reason if there is one. */
export function kindOf(parsed: ParsedScript): string[] {
  if (parsed.problem !== undefined) throw new Error(parsed.problem.message)
  if (parsed.statements.length !== 1) throw new Error(`${parsed.statements.length} statements`)
  return Array.from(parsed.statements, ({ role, command, reason }) =>
    [role, command, ...(reason === undefined ? [] : [reason])].join(': '),
  )
}
