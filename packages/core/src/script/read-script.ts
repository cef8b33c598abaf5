import { decodeScript } from './script-decoder.ts'
import { ScriptChunks } from './script-chunks.ts'
import type { SplitScript } from './script-windows.ts'
import { Checksum, checksumOf } from './checksum.ts'
import { positionOf } from '../driver/statement-error.ts'
import type { Driver } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import type { MigrationStep } from '../plan/migration.ts'
import type { Source } from '../source/source.ts'
import type { ParsedScript } from './statement.ts'

/** A script that is read and cut. */
export interface ReadScript extends SplitScript {
  /** SHA-256 of its bytes with line ends normalised. */
  readonly checksum: string
}

const isWhole = (read: Uint8Array | AsyncIterable<Uint8Array>): read is Uint8Array =>
  read instanceof Uint8Array

/** Reads the script of a step and cuts it: a large one while it comes in. Throws `SOURCE_FAILED`, `INVALID_BODY`. */
export const readScript = async (
  { version, direction, file = '' }: MigrationStep,
  source: Source,
  driver: Driver,
): Promise<ReadScript> => {
  const split = (text: string): ParsedScript => driver.split(text)
  const read =
    source.readPieces === undefined
      ? await source.read(version, direction)
      : await source.readPieces(version, direction)
  if (isWhole(read)) return cutWhole(read, split, file)
  // Also where it turns out to be no UTF-8: to say in which line takes all that stands before.
  return (
    (await cutPieces(read, split)) ?? cutWhole(await source.read(version, direction), split, file)
  )
}

const cutWhole = (
  bytes: Uint8Array,
  split: (text: string) => ParsedScript,
  file: string,
): ReadScript => {
  const checksum = checksumOf(bytes)
  let script: string
  try {
    script = decodeScript(bytes)
  } catch (error) {
    throw invalidBytes(bytes, file, error)
  }
  release(bytes)
  return { script, parsed: split(script), checksum }
}

/** Nothing where it takes the whole script to cut it. */
const cutPieces = async (
  pieces: AsyncIterable<Uint8Array>,
  split: (text: string) => ParsedScript,
): Promise<ReadScript | undefined> => {
  const checksum = new Checksum()
  const chunks = new ScriptChunks(split)
  for await (const piece of pieces) {
    checksum.update(piece)
    if (!chunks.add(piece)) return undefined
  }
  const cut = chunks.finish()
  return cut === undefined ? undefined : { ...cut, checksum: checksum.digest() }
}

/** A script that is no UTF-8. */
const invalidBytes = (bytes: Uint8Array, name: string, cause: unknown): MigrateError => {
  const line = lineOfInvalidByte(bytes)
  return new MigrateError('INVALID_BODY', `${name}:${line}: the file is not valid UTF-8`, {
    hint: 'Save the file as UTF-8.',
    details: { file: name, line },
    cause,
  })
}

const lineOfInvalidByte = (bytes: Uint8Array): number => {
  const lenient = new TextDecoder('utf-8').decode(bytes)
  const at = lenient.indexOf('\uFFFD')
  return positionOf(lenient, at === -1 ? 0 : at).line
}

const largeBytes = 8_000_000

/** Gives a large script's bytes back at once: waiting for the garbage collector doubles the memory of a 100 MB file. */
const release = ({ buffer, byteLength }: Uint8Array): void => {
  if (byteLength < largeBytes || buffer.byteLength !== byteLength) return
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
