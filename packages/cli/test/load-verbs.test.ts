import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createProcessIo, type Io, runCli, type Session, type Verb } from '@entente/cli'
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

const processIo = createProcessIo()
/** What a command line does, by the verbs it is given: what it says, and what would run with which input. */
async function done(args: readonly string[], given: readonly Verb[]) {
  const said: unknown[] = []
  const stubbed = given.map((verb) => ({
    ...verb,
    perform: async ({ folder }: Session, input: unknown) => {
      said.push(verb.name, folder, input)
      return { json: {}, text: '' }
    },
  }))
  const io: Io = {
    ...processIo,
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
    env: {},
  }
  return { exit: await runCli(args, stubbed, io), said }
}

test.each([
  ...[
    'status',
    'statsu',
    'status extra',
    '--json status',
    'status --folder',
    '--folder status status',
  ],
  ...['--folder=x status', '--passphrase-fd 3 log show', '--passphrase-fd=3 log', '-- status', ''],
  ...[
    'import f.csv',
    'import summary_2026.csv',
    'import list_of_suppliers.xlsx',
    'import map_list',
  ],
  ...['import --sheet list f.xlsx', 'import --reason undo f.csv', 'import --json apply 4'],
  ...[
    'import --json map list',
    'import --strict diff 3',
    'import --folder x apply 4',
    'import -x list',
  ],
  ...['import map', 'import map lst', 'import aply 4', 'import apply 4 5', 'import apply --json 4'],
  ...[
    'record',
    'record --json list',
    'record --folder x list',
    'record lst',
    'record list --kind item',
  ],
  ...[
    'audit query',
    'audit query --json held',
    'audit query held',
    'audit report',
    'help record list',
  ],
  ...[
    'record list --help',
    'record --help',
    '--version',
    'status --version',
    'constructor',
    'log -h',
  ],
])('`entente %s` does what it would do with all verbs loaded', async (line) => {
  // An underscore stands for a space within an argument.
  const args = line
    .split(' ')
    .filter(Boolean)
    .map((arg) => arg.replaceAll('_', ' '))
  expect(await done(args, await loadVerbs(args))).toEqual(await done(args, await loadVerbs()))
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
