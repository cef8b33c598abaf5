import { createHash } from 'node:crypto'
import { classify, type Classification } from './classify.ts'
import { readDirectives } from './directives.ts'
import { positionOf } from './driver/statement-error.ts'
import type { Driver, PreparedStep } from './driver/driver.ts'
import { MigrateError } from './errors.ts'
import type { LedgerEntry } from './ledger.ts'
import type { MigrationStep } from './migration.ts'
import type { Source } from './source/source.ts'

/** Who runs and with what, as every ledger entry says it. */
export interface RunIdentity {
  readonly runId: string
  readonly actor: string
  readonly tool: string
}

/** A ledger entry with nothing but who and when. */
export const blankEntry = (identity: RunIdentity): Omit<LedgerEntry, 'kind'> => ({
  ...identity,
  version: null,
  direction: null,
  title: '',
  from: null,
  to: null,
  dirty: false,
  statement: null,
  statements: null,
  durationMs: null,
  checksum: null,
  line: null,
  column: null,
  errorCode: null,
  message: null,
  details: null,
})

const carriageReturn = 13

/** SHA-256 of the bytes with every CRLF read as LF, so that a checkout's line ends do not matter. */
export const checksumOf = (bytes: Uint8Array): string => {
  const hash = createHash('sha256')
  let start = 0
  for (
    let at = bytes.indexOf(carriageReturn);
    at !== -1;
    at = bytes.indexOf(carriageReturn, at + 1)
  ) {
    if (bytes[at + 1] !== 10) continue
    hash.update(bytes.subarray(start, at))
    start = at + 1
  }
  return hash.update(bytes.subarray(start)).digest('hex')
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

const decode = (bytes: Uint8Array, name: string): string => {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    const line = lineOfInvalidByte(bytes)
    throw new MigrateError('INVALID_BODY', `${name}:${line}: the file is not valid UTF-8`, {
      hint: 'Save the file as UTF-8.',
      details: { file: name, line },
      cause: error,
    })
  }
}

const lineOfInvalidByte = (bytes: Uint8Array): number => {
  const lenient = new TextDecoder('utf-8').decode(bytes)
  const at = lenient.indexOf('\uFFFD')
  return positionOf(lenient, at === -1 ? 0 : at).line
}

const largeBytes = 8_000_000

/** Gives a large body's bytes back at once: waiting for the garbage collector doubles the memory of a 100 MB file. */
const release = ({ buffer, byteLength }: Uint8Array): void => {
  if (byteLength < largeBytes || buffer.byteLength !== byteLength) return
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/** A step read and classified. Refusals stay data, so that a plan can show them. */
export interface ClassifiedStep {
  readonly step: PreparedStep
  readonly classification: Classification
}

/** Reads the body of a step, cuts it and decides how it would run. */
export const prepareStep = async (
  step: MigrationStep,
  source: Source,
  driver: Driver,
  identity: RunIdentity,
): Promise<ClassifiedStep> => {
  const bytes =
    step.file === undefined ? undefined : await source.read(step.version, step.direction)
  const checksum = bytes === undefined ? null : checksumOf(bytes)
  const body = bytes === undefined ? '' : decode(bytes, step.file ?? '')
  if (bytes !== undefined) release(bytes)
  const script = driver.split(body)
  const entry: LedgerEntry = {
    ...blankEntry(identity),
    kind: step.direction === 'up' ? 'applied' : 'reverted',
    version: step.version,
    direction: step.direction,
    title: step.title,
    from: step.from,
    to: step.to,
    statements: script.statements.length,
    checksum,
  }
  return {
    step: { ...step, body, script, entry },
    classification: classify(script, driver.capabilities, readDirectives(body)),
  }
}

/** The error for a body that cannot be run. */
export const refusal = (
  step: PreparedStep,
  classification: Extract<Classification, { kind: 'refused' }>,
): MigrateError => {
  const { line, column, reason, hint } = classification
  const name = step.file ?? `${step.version} ${step.direction}`
  const excerpt = step.body.split('\n', line)[line - 1]?.replace(/\r$/, '')
  return new MigrateError('INVALID_BODY', `${name}:${line}:${column}: ${reason}`, {
    hint,
    details: {
      file: name,
      line,
      column,
      ...(excerpt === undefined ? {} : { excerpt }),
      version: step.version,
    },
  })
}
