import type { ParsedScript, Statement } from '@mig/core/driver'

// The command's byte and what else a server counts.
const overhead = 4
const mostBytesPerUnit = 3

const size = (bytes: number): string => {
  const megabytes = bytes / (1024 * 1024)
  if (megabytes < 1) return `${bytes} bytes`
  return `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB (${bytes} bytes)`
}

/** Makes a problem of the first statement that the server would not take, so that nothing of the script is sent. */
export const refuseLongStatements = (
  script: string,
  parsed: ParsedScript,
  maxAllowedPacket: number,
): ParsedScript => {
  const limit = maxAllowedPacket - overhead
  if (maxAllowedPacket <= 0 || script.length * mostBytesPerUnit <= limit) return parsed
  for (const statement of parsed.statements) {
    const { start, end, line, column } = statement
    if ((end - start) * mostBytesPerUnit <= limit) continue
    const bytes = byteLengthOf(statement)
    if (bytes <= limit) continue
    if (parsed.problem !== undefined && parsed.problem.offset < start) return parsed
    return {
      ...parsed,
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
  return parsed
}

const byteLengthOf = ({ text }: Statement): number => Buffer.byteLength(text, 'utf8')
