import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openForReading, refuseSpecialFile } from './regular-file.ts'

const smallBytes = 65_536
const largeBytes = 8_000_000
const pieceBytes = 1_000_000
const turnAfterMs = 10

/** Reads the files of one folder. */
export interface FileReader {
  /** A file whole. */
  whole(file: string): Promise<Uint8Array>
  /** A large file piece by piece, any other whole. A piece is good until the next one is asked for. */
  inPieces(file: string): Promise<Uint8Array | AsyncIterable<Uint8Array>>
}

/** A file of a known size, in fewer calls than `readFileSync`, which asks for the size once more. */
const readSmall = (file: string, size: number): Uint8Array => {
  // With room for one byte more, which shows that the file is another one by now, or that its size says nothing.
  const bytes = new Uint8Array(size + 1)
  const descriptor = openSync(file, openForReading)
  let length = 0
  try {
    for (let read = -1; read !== 0 && length <= size; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null)
      if (length + read === size) return bytes.subarray(0, size)
    }
  } finally {
    closeSync(descriptor)
  }
  refuseSpecialFile(statSync(file))
  return readFileSync(file)
}

/**
 * Reads small files at once, because four trips through the thread pool take ten times as long as reading one. So that
 * timers and signals have their turn all the same, it pauses now and then.
 */
export const fileReader = (): FileReader => {
  let turnAt = performance.now()
  const read = async (file: string, inPieces: boolean) => {
    const stat = statSync(file)
    refuseSpecialFile(stat)
    if (stat.isFile() && stat.size > largeBytes && inPieces) return piecesOf(file)
    if (!stat.isFile() || stat.size > smallBytes) return readFile(file)
    const bytes = readSmall(file, stat.size)
    if (performance.now() - turnAt > turnAfterMs) {
      await nextTurn()
      turnAt = performance.now()
    }
    return bytes
  }
  return {
    whole: async (file) => (await read(file, false)) as Uint8Array,
    inPieces: (file) => read(file, true),
  }
}

async function* piecesOf(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(file)
  try {
    const buffer = Buffer.allocUnsafeSlow(pieceBytes)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, pieceBytes)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}
