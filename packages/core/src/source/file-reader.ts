import { readFileSync, statSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openForReading, refuseSpecialFile } from './regular-file.ts'

const smallBytes = 65_536
const largeBytes = 8_000_000
const pieceBytes = 1_000_000

/** After how many small files timers and signals have their turn. */
const filesInTurn = 32
let filesRead = 0

/**
 * Reads a file whole. A small one is read at once, because four trips through the thread pool take ten times as long as
 * the reading. Now and then timers and signals have their turn before it: a run on SQLite, which waits for nothing else,
 * would leave them none.
 */
export const readWhole = async (file: string): Promise<Uint8Array> => {
  filesRead += 1
  if (filesRead % filesInTurn === 0) await nextTurn()
  const stat = statSync(file)
  refuseSpecialFile(stat)
  return stat.isFile() && stat.size < smallBytes
    ? readFileSync(file, { flag: openForReading })
    : readFile(file, { flag: openForReading })
}

/** Reads a large file piece by piece, any other whole. A piece is good until the next one is asked for. */
export const readInPieces = async (
  file: string,
): Promise<Uint8Array | AsyncIterable<Uint8Array>> => {
  const stat = statSync(file)
  refuseSpecialFile(stat)
  return stat.isFile() && stat.size > largeBytes ? piecesOf(file) : readWhole(file)
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
