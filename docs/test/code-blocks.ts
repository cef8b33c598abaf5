import { readFile } from 'node:fs/promises'
import { glob } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { dirname, join, relative } from 'node:path'

/** A fenced block of code, and where it stands. */
export interface CodeBlock {
  readonly file: string
  readonly line: number
  readonly language: string
  readonly code: string
  /** The reason in a `<!-- not run: reason -->` right above the block. */
  readonly notRun?: string
}

export const repository: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const ignored = /(^|\/)(node_modules|dist|fixtures|peers)(\/|$)/

/** Files of the repository that match a pattern, without what others wrote or a build made. */
export const findFiles = async (patterns: readonly string[]): Promise<string[]> => {
  const files: string[] = []
  for await (const file of glob([...patterns], {
    cwd: repository,
    exclude: (path) => ignored.test(path),
  })) {
    if (!ignored.test(file)) files.push(file)
  }
  return files.toSorted()
}

const fence = /^([ \t]*)```(\w+)[^\n]*\n([\s\S]*?)^[ \t]*```[ \t]*$/gm
const comment = /\/\*\*[\s\S]*?\*\//g

const blocksOf = (file: string, text: string, firstLine: number): CodeBlock[] =>
  Array.from(text.matchAll(fence), (match) => {
    const [, indent = '', language = '', code = ''] = match
    const before = text.slice(0, match.index)
    const notRun = /<!-- not run: ([^\n]*?) -->\s*$/.exec(before)?.[1]
    return {
      file: relative(repository, join(repository, file)),
      line: firstLine + before.split('\n').length - 1,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      ...(notRun === undefined ? {} : { notRun }),
    }
  })

/** All fenced blocks of a Markdown file. */
export const markdownBlocks = async (file: string): Promise<CodeBlock[]> =>
  blocksOf(file, await readFile(join(repository, file), 'utf8'), 1)

/** All fenced blocks in the doc comments of a TypeScript file. */
export const commentBlocks = async (file: string): Promise<CodeBlock[]> => {
  const source = await readFile(join(repository, file), 'utf8')
  return Array.from(source.matchAll(comment)).flatMap((match) =>
    blocksOf(
      file,
      match[0].replaceAll(/^\s*\* ?/gm, ''),
      source.slice(0, match.index).split('\n').length,
    ),
  )
}
