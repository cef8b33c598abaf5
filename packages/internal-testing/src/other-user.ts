import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const self = fileURLToPath(import.meta.url)

/** Why nothing of this checkout can be run as another user, or nothing where it can. */
export const noOtherUser = (user: number): string | undefined => {
  if (process.platform === 'win32' || process.getuid?.() !== 0) {
    return 'needs to run as root, to act as another user'
  }
  const read = `require('node:fs').readFileSync(${JSON.stringify(self)})`
  const { status } = spawnSync(process.execPath, ['-e', read], { uid: user, gid: user, cwd: '/' })
  return status === 0 ? undefined : 'needs a checkout in a folder that other users can read'
}
