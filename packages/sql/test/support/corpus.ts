import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface CorpusFile {
  readonly name: string
  readonly script: string
}

/** The files of one folder of the corpus in order; empty, with the reason printed, where there is none. */
export function corpusFiles(folder: string, ending: string): CorpusFile[] {
  const corpus = process.env['MIG_CORPUS_DIR'] ?? ''
  const path = join(corpus, folder)
  if (corpus === '' || !existsSync(path)) {
    const reason = corpus === '' ? 'MIG_CORPUS_DIR is not set' : `${path} does not exist`
    console.warn(`skipped tests on ${folder}: ${reason}`)
    return []
  }
  const names = readdirSync(path).filter((name) => name.endsWith(ending))
  return names.toSorted().map((name) => ({ name, script: readFileSync(join(path, name), 'utf8') }))
}
