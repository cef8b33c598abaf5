import type { Script, Statement } from '@mig/core/driver'

// The command's byte and what else a server counts.
const overhead = 4
const mostBytesPerUnit = 3

const size = (bytes: number): string => {
  const megabytes = bytes / (1024 * 1024)
  if (megabytes < 1) return `${bytes} bytes`
  return `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB (${bytes} bytes)`
}

/** Makes a problem of the first statement that the server would not take, so that nothing of the body is sent. */
export const refuseLongStatements = (
  body: string,
  script: Script,
  maxAllowedPacket: number,
): Script => {
  const limit = maxAllowedPacket - overhead
  if (maxAllowedPacket <= 0 || body.length * mostBytesPerUnit <= limit) return script
  for (const statement of script.statements) {
    const { start, end, line, column } = statement
    if ((end - start) * mostBytesPerUnit <= limit) continue
    const bytes = byteLengthOf(statement)
    if (bytes <= limit) continue
    if (script.problem !== undefined && script.problem.offset < start) return script
    return {
      ...script,
      problem: {
        message:
          `A statement of ${size(bytes)} is longer than the server takes: ` +
          `max_allowed_packet is ${size(maxAllowedPacket)}`,
        hint: 'Split the statement, or raise max_allowed_packet on the server and connect again.',
        offset: start,
        line,
        column,
      },
    }
  }
  return script
}

const byteLengthOf = ({ text }: Statement): number => Buffer.byteLength(text, 'utf8')
