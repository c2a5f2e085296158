import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('decide-examples.ts', import.meta.url))

/** What a process in some place of the world decides. */
const decideIn = (timeZone: string, locale: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, TZ: timeZone, LC_ALL: locale, LANG: locale }
    execFile(process.execPath, [script], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    )
  })

test('case 39: decisions and fragments are the same bytes in every time zone and locale', async () => {
  const [home, ...elsewhere] = await Promise.all([
    decideIn('UTC', 'C'),
    decideIn('Pacific/Kiritimati', 'tr_TR.UTF-8'),
    decideIn('America/St_Johns', 'lt_LT.UTF-8'),
  ])
  const lines = (home ?? '').split('\n')
  expect(lines.length).toBeGreaterThan(1_000)
  expect(lines.filter((line) => /[A-Za-z0-9_-]{43}$/.test(line)).length).toBeGreaterThan(500)
  for (const other of elsewhere) expect(other === home).toBe(true)
})
