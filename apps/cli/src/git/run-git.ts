import { execFile } from 'node:child_process'
import { devNull } from 'node:os'
import { delimiter } from 'node:path'
import { promisify } from 'node:util'

/**
 * Settings of a repository that make git run programs, each turned off. What is used of git here runs none of the others
 * (pagers, filters, external diffs, signatures), whatever its settings say.
 */
const quiet = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', devNull],
  ['log.showSignature', 'false'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`])

/** Variables of git that say who may be trusted and where git is. All others send it to another repository. */
const kept =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|EXEC_PATH|CEILING_DIRECTORIES)$/

const environment = (ceiling: string | undefined): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('GIT_') || kept.test(name),
  )
  const ceilings = [process.env['GIT_CEILING_DIRECTORIES'], ceiling].filter(Boolean)
  return {
    ...Object.fromEntries(own),
    ...(ceilings.length === 0 ? {} : { GIT_CEILING_DIRECTORIES: ceilings.join(delimiter) }),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // A partial clone fetches what it lacks, with whatever program its settings name.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  }
}

/**
 * Asks git for something, by its plumbing. Nothing where there is no git, no repository, or no answer: what git knows is
 * a help, not a promise. `ceiling` is a folder that git does not look for a repository in, nor above it.
 */
export const runGit = async (
  folder: string,
  ceiling: string | undefined,
  args: readonly string[],
): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)('git', ['--no-pager', ...quiet, ...args], {
      cwd: folder,
      env: environment(ceiling),
      maxBuffer: 256 * 1024 * 1024,
    })
    return stdout
  } catch {
    return undefined
  }
}
