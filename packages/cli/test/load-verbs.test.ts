import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { loadVerbs } from '../src/load-verbs.ts'
import { verbs } from '../src/verbs/index.ts'

const named = async (...args: string[]) => (await loadVerbs(args)).map(({ name }) => name)

test('every verb has the name under which it is loaded', async () => {
  expect(await named()).toEqual(Object.keys(verbs))
})

test('a command line loads the verb that it names, with those below it', async () => {
  expect(await named('status')).toEqual(['status'])
  expect(await named('--folder', 'import', 'audit', 'query', 'held', 'bundle')).toEqual([
    'audit query held',
  ])
  expect(await named('import', 'aply', '4')).toEqual(await named('import'))
  expect(await named('import', 'apply', '4')).toEqual(['import apply'])
  expect(await named('import')).toContain('import map suggest')
})

test('help, a family alone, and a word that is no verb load all: each shows several', async () => {
  for (const args of [[], ['help', 'status'], ['status', '--help'], ['audit'], ['statsu']])
    expect(await named(...args)).toHaveLength(Object.keys(verbs).length)
})

test('a verb that asks a running node loads neither the ledger nor the network, nor the audit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loads-'))
  const hooks = join(folder, 'hooks.mjs')
  writeFileSync(
    hooks,
    `import { registerHooks } from 'node:module'
     registerHooks({ load: (url, context, next) => { console.error(url); return next(url, context) } })`,
  )
  const main = fileURLToPath(new URL('../src/main.js', import.meta.url))
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', hooks, main, 'status', '--folder', folder],
    { maxBuffer: 2 ** 26 },
  ).catch((error: { readonly stderr: string }) => error)
  rmSync(folder, { recursive: true })
  expect(stderr).toContain('CONFIG_MISSING')
  expect(stderr).toContain('connect-control.ts')
  const heavy = /\/(automerge|automerge-repo|libp2p|noise|excelts|packages\/audit)\//
  expect(stderr.split('\n').filter((line) => heavy.test(line))).toEqual([])
})
