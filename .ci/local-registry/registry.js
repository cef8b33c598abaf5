// A registry on this machine that holds our packages and hands on all others from the one that npm is set to.
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runServer } from 'verdaccio'
import { run } from './run-command.js'

/** What npm itself is set to; nothing of it is written here. */
const npmSetting = async (name) => {
  const value = (await run('npm', ['config', 'get', name], { cwd: '/' })).trim()
  return value === 'null' || value === 'undefined' ? undefined : value
}

const everybody = { access: ['$all'], publish: ['$authenticated'], unpublish: ['$authenticated'] }

const configOf = async (storage, local) => {
  const uplink = { url: await npmSetting('registry'), maxage: '1h', timeout: '60s', max_fails: 50 }
  const proxy = await npmSetting('https-proxy')
  return {
    storage,
    configPath: join(storage, 'config.yaml'),
    self_path: storage,
    uplinks: { upstream: proxy === undefined ? uplink : { ...uplink, https_proxy: proxy } },
    // What is ours is never asked for elsewhere, whoever may have taken the name there.
    packages: {
      ...Object.fromEntries(local.map((pattern) => [pattern, everybody])),
      '**': { access: ['$all'], proxy: ['upstream'] },
    },
    auth: { htpasswd: { file: join(storage, 'htpasswd'), max_users: 1 } },
    web: { enable: false },
    max_body_size: '100mb',
    log: { type: 'stdout', format: 'pretty', level: 'error' },
  }
}

/** Has the registry's only user made, and returns the token to publish with. */
const tokenOf = async (url) => {
  const name = 'ci'
  const response = await fetch(`${url}-/user/org.couchdb.user:${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: 'local-registry' }),
  })
  const { token } = await response.json()
  if (token === undefined) throw new Error(`The registry made no user: ${response.status}`)
  return token
}

/**
 * Starts it on a free port. What other registries hold is kept in the folder for the next time; what was published is
 * not. `local` are the names and patterns of what is ours.
 */
export const startRegistry = async (storage, local) => {
  for (const pattern of [...local.map((name) => name.replace(/\/?\*$/, '')), 'htpasswd']) {
    rmSync(join(storage, pattern), { recursive: true, force: true })
  }
  rmSync(join(storage, '.verdaccio-db.json'), { force: true })
  mkdirSync(storage, { recursive: true })
  const server = await runServer(await configOf(storage, local))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/`
  const token = await tokenOf(url)
  return {
    url,
    token,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
