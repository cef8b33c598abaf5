import { expect, test } from 'vitest'
import drivers from '../src/plugin.ts'

test('the hook says which URLs are ours', async () => {
  expect(await drivers()).toMatchObject({ name: 'sqlite', schemes: ['sqlite', 'sqlite3'] })
})

test('it makes a driver of a URL, and refuses one it cannot read before opening anything', async () => {
  const driver = await (await drivers()).load()
  expect(driver.fromUrl('sqlite://x.db', {}).name).toBe('sqlite')
  expect(() => driver.fromUrl('sqlite://x.db?what=1', {})).toThrow(
    'does not know the URL parameter "what"',
  )
})
