import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

/** What a forged entry prints when Node runs it. */
export const planted = 'CODE OF SOMEBODY ELSE'

/** An entry of Node's compile cache: its file's name, the name of Node's folder that it lies in, and its bytes. */
export interface CacheEntry {
  readonly folder: string
  readonly name: string
  readonly bytes: Buffer
}

// Five words: a magic number, size and checksum of the source, and in between those of the compiled code.
const sourceSize = 4
const sourceSum = 12

const entriesIn = (cache: string): readonly CacheEntry[] =>
  readdirSync(cache).flatMap((folder) =>
    readdirSync(join(cache, folder)).map((name) => ({
      folder,
      name,
      bytes: readFileSync(join(cache, folder, name)),
    })),
  )

const entryOf = (cache: string, source: string): CacheEntry => {
  const sum = crc32(source)
  const found = entriesIn(cache).find(({ bytes }) => bytes.readUInt32LE(sourceSum) === sum)
  if (found === undefined) throw new Error('Node kept no entry for the file')
  return found
}

/** Starts a command line with a compile cache, and gives the entry that Node keeps for a file. */
const keptEntry = (argv: readonly string[], cache: string, source: string): CacheEntry => {
  const [command = '', ...args] = argv
  const run = spawnSync(command, args, {
    encoding: 'utf8',
    env: { NODE_COMPILE_CACHE: cache, HOME: cache },
  })
  if (run.status !== 0) throw new Error(run.stderr)
  return entryOf(cache, source)
}

/**
 * Makes the entry that Node takes for the compiled code of a file, with other code in it: that of a script as long as
 * the file, under the file's own size and checksum. V8 itself compares nothing but the length.
 */
export const forgeEntry = (
  node: string,
  argv: readonly string[],
  file: string,
  workFolder: string,
): CacheEntry => {
  const source = readFileSync(file, 'utf8')
  const genuine = keptEntry([node, ...argv], join(workFolder, 'genuine'), source)
  const code = `process.stdout.write(${JSON.stringify(planted)});process.exit(0)//`
  const script = code.padEnd(source.length, '/')
  const scriptFile = join(workFolder, 'script.cjs')
  mkdirSync(workFolder, { recursive: true })
  writeFileSync(scriptFile, script)
  const forged = keptEntry([node, scriptFile], join(workFolder, 'forged'), script)
  const bytes = Buffer.from(forged.bytes)
  genuine.bytes.copy(bytes, sourceSize, sourceSize, sourceSize + 4)
  genuine.bytes.copy(bytes, sourceSum, sourceSum, sourceSum + 4)
  return { ...genuine, bytes }
}
