import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { noUsers, others, sharedGround, type SharedGround } from '../support/others.ts'
import { spawnMig, type ProcessEnd } from '../support/spawn-mig.ts'

const { attacker, victim } = others
const root = 0

if (noUsers !== undefined) console.warn(`Skipped: folders of others ${noUsers}`)

/** Leaves a trace of whoever runs it. */
const trace = (ground: SharedGround): string => {
  const folder = ground.make('traces', root, 0o1777)
  return `require('node:fs').writeFileSync(${JSON.stringify(`${folder}/ran`)}, String(process.getuid()))`
}

const ranIn = (ground: SharedGround): boolean => existsSync(join(ground.folder, 'traces/ran'))

const asVictim = (
  argv: readonly string[],
  cwd: string,
  options: { env?: Record<string, string>; tool?: 'mig' | 'migrate'; user?: number } = {},
): Promise<ProcessEnd> => spawnMig(argv, { cwd, user: victim, ...options })

const hook = (code: string): string => `${code}
module.exports = async () => ({
  name: 'evil', schemes: ['sqlite', 'evil'],
  load: async () => { throw new Error('evil') },
  dropIn: { schemes: ['sqlite', 'evil'], load: async () => { throw new Error('evil drop-in') } },
})`

describe.skipIf(noUsers !== undefined)('what lies above the working folder', () => {
  let ground: SharedGround
  let job: string
  const everything = (owner: number, folder: string): void => {
    ground.write(`${folder}/package.json`, owner, JSON.stringify({ dependencies: { evil: '1' } }))
    ground.write(`${folder}/mig.config.js`, owner, `${trace(ground)}\nmodule.exports = {}`)
    ground.write(`${folder}/.env`, owner, 'MIG_MIGRATIONS_TABLE=evil\n')
    const evil = `${folder}/node_modules/evil`
    ground.write(
      `${evil}/package.json`,
      owner,
      JSON.stringify({ name: 'evil', oclif: { hooks: { drivers: './hook.cjs' } } }),
    )
    ground.write(`${evil}/hook.cjs`, owner, hook(trace(ground)))
  }

  beforeEach(() => {
    ground = sharedGround()
    ground.make('above', root)
    job = ground.make('above/job', victim)
    ground.make('above/job/migrations', victim)
    ground.write('above/job/migrations/1_a.up.sql', victim, 'create table a (id integer);')
  })

  const commands = [['config'], ['status'], ['create', 'b'], ['drivers'], ['doctor']]

  test.each(commands)(
    'mig %s runs nothing of a folder that belongs to someone else',
    async (...argv) => {
      ground.make('above', attacker)
      everything(attacker, 'above')
      const { stderr, stdout } = await asVictim(argv, job, {
        env: { MIG_DATABASE: 'sqlite://x.db' },
      })
      expect(ranIn(ground), stderr).toBe(false)
      expect(stdout).not.toContain('evil')
      const named = stderr.split('\n').filter((line) => line.includes(`"${ground.folder}/above"`))
      expect(named).toEqual([
        `Warning: "${ground.folder}/above" is passed over, because it belongs to another user (id 4001): package.json, mig.config.js and .env there are not used. To use them, run mig in that folder.`,
      ])
    },
  )

  test.each([
    ['sticky', 0o1777],
    ['not sticky', 0o777],
  ])('a folder that everyone can write to, %s, is passed over', async (_, mode) => {
    ground.make('above', victim, mode)
    everything(victim, 'above')
    const { stderr } = await asVictim(['config'], job)
    expect(ranIn(ground)).toBe(false)
    expect(stderr).toContain('is passed over, because everyone can write to it: package.json')
  })

  test('nothing is searched above a folder that is passed over', async () => {
    everything(root, '.')
    ground.make('above', attacker)
    const { stderr } = await asVictim(['config'], job)
    expect(ranIn(ground)).toBe(false)
    expect(stderr).toContain(`Warning: "${ground.folder}/above" is passed over`)
    expect(stderr).toContain(`"${ground.folder}/package.json"`)
  })

  test('nothing is said of a folder with nothing in it', async () => {
    ground.make('above', attacker)
    const { stderr } = await asVictim(['config'], job)
    expect(stderr).toBe('')
  })

  test.each([
    ['of the same user', victim, 0o755],
    ['of root', root, 0o755],
    ['that a group can write to', victim, 0o2775],
  ])('a folder %s is used', async (_, owner, mode) => {
    ground.make('above', owner, mode)
    everything(owner, 'above')
    const { stdout, stderr } = await asVictim(['config'], job)
    expect(stderr).toBe('')
    expect(ranIn(ground)).toBe(true)
    expect(stdout).toContain('evil')
  })

  test('root in a folder of a user uses what the user has above', async () => {
    ground.make('above', victim)
    everything(victim, 'above')
    const { stderr } = await asVictim(['config'], job, { user: root })
    expect(stderr).toBe('')
    expect(ranIn(ground)).toBe(true)
  })

  test('root in a folder of its own passes over that of a user above', async () => {
    ground.make('above', victim)
    ground.make('above/job', root)
    everything(victim, 'above')
    const { stderr } = await asVictim(['config'], job, { user: root })
    expect(stderr).toContain('belongs to another user (id 4002)')
    expect(ranIn(ground)).toBe(false)
  })

  test('the working folder is used whoever it belongs to', async () => {
    everything(attacker, 'above/job')
    ground.make('above/job', attacker, 0o777)
    const { stderr } = await asVictim(['config'], job)
    expect(stderr).toBe('')
    expect(ranIn(ground)).toBe(true)
  })

  describe('in a folder of our own', () => {
    beforeEach(() => {
      ground.make('above', victim, 0o775)
      ground.write('above/package.json', victim, '{}')
    })

    test.each([
      ['mig.config.js', attacker, 0o644, 'it belongs to another user (id 4001)'],
      ['mig.config.js', victim, 0o666, 'everyone can write to it'],
      ['.env', attacker, 0o644, 'it belongs to another user (id 4001)'],
      ['.env', victim, 0o646, 'everyone can write to it'],
    ])('a file %s of %i with mode %o is passed over', async (name, owner, mode, reason) => {
      const text = name === '.env' ? 'MIG_LOCK=table' : `${trace(ground)}\nmodule.exports = {}`
      ground.write(`above/${name}`, owner, text, mode)
      const { stdout, stderr } = await asVictim(['config'], job)
      expect(ranIn(ground)).toBe(false)
      expect(stdout).not.toContain('MIG_LOCK')
      expect(stderr).toBe(
        `Warning: "${ground.folder}/above/${name}" is passed over, because ${reason}. To use it, run mig in that folder.\n`,
      )
    })

    test('a link to a file of someone else is passed over', async () => {
      ground.make('elsewhere', attacker)
      const target = ground.write('elsewhere/x.env', attacker, 'MIG_LOCK=table')
      symlinkSync(target, join(ground.folder, 'above/.env'))
      const { stdout, stderr } = await asVictim(['config'], job)
      expect(stdout).not.toContain('MIG_LOCK')
      expect(stderr).toContain('above/.env" is passed over')
    })

    test('a package.json of someone else ends the search', async () => {
      ground.write('above/package.json', attacker, '{}')
      ground.write('above/.env', victim, 'MIG_LOCK=table')
      const { stdout, stderr } = await asVictim(['config'], job)
      expect(stdout).not.toContain('MIG_LOCK')
      expect(stderr).toContain('above/package.json" is passed over')
    })
  })

  test('a driver that a dependency resolves to in a folder above is not loaded', async () => {
    ground.make('above', attacker)
    everything(attacker, 'above')
    ground.write('above/job/package.json', victim, JSON.stringify({ dependencies: { evil: '1' } }))
    const { stderr, code } = await asVictim(['status'], job, {
      env: { MIG_DATABASE: 'sqlite://x.db' },
    })
    expect(ranIn(ground)).toBe(false)
    expect(code).toBe(0)
    expect(stderr).toContain('The plugin evil cannot be loaded: its folder')
  })

  test('.env beside a config file that was named is not used where the folder is not to be trusted', async () => {
    ground.make('elsewhere', attacker)
    const config = ground.write('elsewhere/mig.config.json', attacker, '{"wait": "7s"}')
    ground.write('elsewhere/.env', attacker, 'MIG_LOCK=table')
    const { stdout, stderr } = await asVictim(['config', '--config', config], job)
    expect(stdout).toContain('7s')
    expect(stdout).not.toContain('MIG_LOCK')
    expect(stderr).toContain('elsewhere/.env" is passed over')
  })

  test('migrate runs no driver of a project, unless it is told to, and then of trusted folders only', async () => {
    everything(victim, 'above')
    const argv = ['-path', 'migrations', '-database', 'sqlite://x.db', 'version']
    const told = { MIGRATE_PROJECT_DRIVERS: '1' }
    const plain = await asVictim(argv, job, { tool: 'migrate' })
    expect(ranIn(ground)).toBe(false)
    expect(plain.stderr).toBe('error: no migration\n')
    ground.make('above', attacker)
    const untrusted = await asVictim(argv, job, { tool: 'migrate', env: told })
    expect(ranIn(ground)).toBe(false)
    expect(untrusted.stderr).toContain('is passed over, because it belongs to another user')
    ground.make('above', victim)
    const trusted = await asVictim(argv, job, { tool: 'migrate', env: told })
    expect(ranIn(ground)).toBe(true)
    expect(trusted.stderr).toContain('evil drop-in')
  })
})
