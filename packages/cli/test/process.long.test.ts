import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProcessIo, type Io, runCli, verbs } from '@entente/cli'
import { verifyEd25519 } from '@entente/node'
import { openPolicy } from '@entente/policy'
import { type Member, openRoster } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../../tests/support/free-port.ts'

const MAIN = join(import.meta.dirname, '../src/main.js')
const base = mkdtempSync(join(tmpdir(), 'entente-process-'))
const started: ChildProcess[] = []
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(base, { recursive: true })
})

const own = createProcessIo()

/** Runs a command line in this process, with a real node when it needs one. */
async function entente(...args: string[]): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  const io: Io = {
    ...own,
    out: (text) => {
      stdout += text
    },
    err: (text) => {
      stderr += text
    },
    colour: false,
    bar: false,
    columns: undefined,
  }
  const inBase = args.map((word) => (isPath(word) ? join(base, word) : word))
  return { status: await runCli(inBase, verbs, io), stdout, stderr }
}

const exitOf = async (...args: string[]): Promise<number> => (await entente(...args)).status

interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Files and folders of these tests lie in `base`. */
const isPath = (word: string): boolean =>
  /\.(json|pem|html)$/.test(word) || /^(gbr|nor|can|nowhere|nor-keys)$/.test(word)

async function serve(...args: string[]): Promise<ChildProcess & { readonly line: string }> {
  const child = spawn(process.execPath, [MAIN, 'serve', ...args], {
    cwd: base,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  started.push(child)
  let line = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    line += chunk
    if (line.includes('serv') && line.endsWith('\n')) break
  }
  return Object.assign(child, { line })
}

const policy = {
  nation: 'GBR',
  edition: 1,
  from: '2026-01-01',
  until: '2030-01-01',
  datasets: { gaps: { mode: 'manual', title: 'Gaps' } },
  groups: {},
  ceilings: {},
  bands: {},
  rules: [],
  tests: [],
}

const gbr = ['--folder', 'gbr']

describe('from nothing to a running node', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    const port = await freePort()
    const words = ['init', '--nation', 'GBR', '--org', 'Test GBR', '--listen', `127.0.0.1:${port}`]
    expect(await entente(...words, ...gbr, '--plain-keys', '--exercise')).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(await exitOf('init', '--nation', 'NOR', '--org', 'Test NOR', '--folder', 'nor')).toBe(0)
  })

  test('init tells no secret and overwrites nothing', async () => {
    const again = await entente('init', '--nation', 'GBR', '--org', 'x', ...gbr, '--json')
    expect(again.status).toBe(8)
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'FOLDER_NOT_EMPTY' } })
    const { stdout } = await entente(
      'init',
      '--nation',
      'CAN',
      '--org',
      'x',
      '--folder',
      'can',
      '--listen',
      `127.0.0.1:${await freePort()}`,
      '--json',
    )
    const { rootKeyPath, words, folder } = JSON.parse(stdout)
    expect(words.split(' ')).toHaveLength(6)
    for (const path of [
      rootKeyPath,
      join(folder, 'keys/log.pem'),
      join(folder, 'keys/fragment.key'),
    ]) {
      const lines = readFileSync(path, 'utf8').split('\n')
      const secret = lines.find((line) => !line.startsWith('-----')) ?? ''
      expect(secret.length).toBeGreaterThan(40)
      expect(stdout).not.toContain(secret)
    }
  })

  test('a roster counts once every nation has signed it', async () => {
    const built = await entente(
      'roster',
      'build',
      'gbr/GBR.nation.json',
      'nor/NOR.nation.json',
      '--out',
      'roster.json',
    )
    expect(built.stdout).toContain('detected, not prevented')
    const sign = (key: string) => entente('roster', 'sign', 'roster.json', '--key', key, '--yes')
    expect(await exitOf('roster', 'install', 'roster.json', ...gbr)).toBe(5)
    expect((await sign('gbr-keys/GBR.root.pem')).stdout).toContain('Still to sign: NOR')
    expect((await sign('gbr-keys/GBR.authority.pem')).status).toBe(4)
    expect((await sign('nor-keys/NOR.root.pem')).status).toBe(0)

    const text = readFileSync(join(base, 'roster.json'), 'utf8')
    writeFileSync(join(base, 'changed.json'), text.replace('"quorum": 1', '"quorum": 2'))
    expect(await exitOf('roster', 'install', 'changed.json', ...gbr)).toBe(7)
    expect(await exitOf('roster', 'install', 'roster.json', ...gbr)).toBe(0)
    expect(JSON.parse((await entente('roster', 'show', ...gbr, '--json')).stdout)).toMatchObject({
      verified: true,
      quorum: 1,
      nations: [{ nation: 'GBR', signed: true }, { nation: 'NOR' }],
    })
  })

  test('a policy is signed away from the node, and only when nothing is wrong with it', async () => {
    writeFileSync(join(base, 'policy.json'), JSON.stringify(policy))
    writeFileSync(join(base, 'bad.json'), JSON.stringify({ ...policy, until: '2025-01-01' }))
    const sign = (file: string) =>
      exitOf('policy', 'sign', file, '--key', 'gbr-keys/GBR.authority.pem')
    const checked = await entente('policy', 'check', 'bad.json')
    expect(checked).toMatchObject({ status: 7, stdout: expect.stringContaining('INTERVAL') })
    expect(await sign('bad.json')).toBe(4)
    expect(await exitOf('policy', 'check', 'policy.json')).toBe(0)
    expect(await sign('policy.json')).toBe(0)

    const read = (file: string): unknown => JSON.parse(readFileSync(join(base, file), 'utf8'))
    const { authorities } = openRoster(read('roster.json'), verifyEd25519).members.get(
      'GBR',
    ) as Member
    const opened = openPolicy(read('policy.signed.json'), authorities, verifyEd25519, 1)
    expect(opened.edition).toBe(1)
  })

  test('serve says when it is ready, answers other processes, refuses a second, and ends by SIGTERM', async () => {
    const alone = await serve('--folder', 'can', '--json')
    expect(JSON.parse(alone.line)).toMatchObject({ serving: 'CAN' })
    const unpaired = await entente('status', '--folder', 'can')
    expect(unpaired.stdout).toContain('You have no partners yet')
    alone.kill('SIGTERM')

    const node = await serve(...gbr, '--alone', '--json')
    expect(JSON.parse(node.line)).toMatchObject({
      serving: 'GBR',
      ports: [expect.stringContaining('/tcp/')],
    })

    const status = await entente('status', ...gbr)
    expect(status).toMatchObject({ status: 0, stderr: '' })
    expect(status.stdout.split('\n')[0]).toMatch(/^EXERCISE: /)
    expect(status.stdout).toContain('NOR')
    expect(await exitOf('status', ...gbr, '--check')).toBe(6)
    const second = await entente('serve', ...gbr)
    expect(second).toMatchObject({
      status: 8,
      stdout: '',
      stderr: expect.stringContaining('FOLDER_IN_USE'),
    })
    // The running node is opened again with it, in the same process.
    const installed = await entente('roster', 'install', 'roster.json', ...gbr)
    expect(installed).toMatchObject({ status: 0, stdout: expect.stringContaining('Roster 1') })

    const record = ['record', 'add', 'gap', '--dataset', 'gaps', '--set', 'title=Cobalt']
    expect(await entente(...record, ...gbr)).toMatchObject({ status: 0, stderr: '' })
    expect((await entente('record', 'show', 'cobalt', ...gbr)).stdout).toMatch(/title +Cobalt/)

    node.kill('SIGTERM')
    expect(await once(node, 'exit')).toEqual([0, null])
    // Nobody runs now: the verb opens the node itself.
    expect((await entente('search', 'cobalt', ...gbr)).stdout).toContain('Cobalt')
  })

  test('after kill -9 the folder is free and the next node serves', async () => {
    const node = await serve(...gbr, '--alone')
    node.kill('SIGKILL')
    await once(node, 'exit')
    const next = await serve(...gbr, '--alone')
    expect(next.line).toMatch(/^EXERCISE: .*\nGBR serves on /)
    next.kill('SIGINT')
    expect(await once(next, 'exit')).toEqual([130, null])
  })

  test('an audit of what is no bundle finds that, and needs a roster of one’s own', async () => {
    const trust = ['--trust', 'roster.json']
    expect(await exitOf('audit', 'verify', 'nowhere', ...trust)).toBe(3)
    expect(await exitOf('audit', 'verify', 'nor-keys')).toBe(2)
    const found = await entente(
      'audit',
      'verify',
      'nor-keys',
      ...trust,
      '--report',
      'report.html',
      '--json',
    )
    expect(found.status).toBe(7)
    expect(JSON.parse(found.stdout)).toMatchObject({
      ok: false,
      findings: [{ code: 'MANIFEST_FORM' }],
    })
    expect(readFileSync(join(base, 'report.html'), 'utf8')).toContain('MANIFEST_FORM')
  })
})

test('a service with nothing but its systemd credential makes its node and serves it', async () => {
  writeFileSync(join(base, 'entente-passphrase'), 'five words that nobody says\n')
  vi.stubEnv('CREDENTIALS_DIRECTORY', base)
  try {
    const init = ['init', '--nation', 'DNK', '--org', 'Test DNK', '--listen', '127.0.0.1:0']
    const node = ['--folder', join(base, 'dnk')]
    expect(await entente(...init, ...node)).toMatchObject({ status: 0, stderr: '' })
    for (const key of ['dnk/keys/identity.pem', 'dnk/keys/fragment.key', 'dnk-keys/DNK.root.pem'])
      expect(readFileSync(join(base, key), 'utf8'), key).toMatch(/^eyJ[\w.-]+\n$/)
    const serving = await serve(...node, '--json')
    expect(JSON.parse(serving.line)).toMatchObject({ serving: 'DNK' })
    serving.kill('SIGTERM')
    expect(await once(serving, 'exit')).toEqual([0, null])
    vi.unstubAllEnvs()
    const without = spawn(process.execPath, [MAIN, 'serve', ...node], { stdio: 'ignore' })
    expect(await once(without, 'exit')).toEqual([8, null])
  } finally {
    vi.unstubAllEnvs()
  }
})

test('a nation is invited by codes on a terminal, accepts them in any order, is shown and cut off', async () => {
  const at = async (nation: string, ...args: string[]) => {
    const ran = await entente(...args, '--folder', join(base, `codes-${nation}`), '--json')
    return { status: ran.status, said: JSON.parse(ran.stdout) as Record<string, unknown> }
  }
  for (const nation of ['FRA', 'ITA'])
    expect(await at(nation, 'init', '--nation', nation, '--org', nation)).toMatchObject({
      status: 0,
    })
  const { said } = await at('FRA', 'partner', 'invite', 'ITA', '--qr')
  const parts = said['parts'] as string[]
  // As docs/decisions/pairing.md has it.
  expect(parts).toHaveLength(4)
  writeFileSync(join(base, 'codes.txt'), parts.reverse().join('\n'))
  const accepted = await at('ITA', 'partner', 'accept', join(base, 'codes.txt'), '--yes')
  expect(accepted).toMatchObject({ status: 0, said: { nation: 'FRA', accepted: true } })
  const shown = await at('ITA', 'partner', 'show', 'FRA')
  expect(shown.said).toMatchObject({ state: 'accepted', words: accepted.said['words'] })
  expect(await at('FRA', 'partner', 'revoke', 'ITA')).toMatchObject({ status: 5 })
  expect((await at('FRA', 'partner', 'show', 'ITA')).said).toMatchObject({ state: 'invited' })
  const revoked = await at('FRA', 'partner', 'revoke', 'ITA', '--confirm', 'ITA')
  expect(revoked).toMatchObject({ status: 0, said: { revoked: true } })
  expect((await at('FRA', 'partner', 'list')).said).toEqual({ partners: [] })
})

test.skipIf(process.platform === 'win32')(
  'an import that is interrupted says that the same command goes on, ends with 130, and it does',
  async () => {
    const cli = (...args: string[]) =>
      spawn(process.execPath, [MAIN, ...args], { cwd: base, stdio: ['ignore', 'pipe', 'pipe'] })
    const done = async (...args: string[]) => {
      const child = cli(...args)
      child.stdout.resume()
      child.stderr.resume()
      expect(await once(child, 'exit'), args.join(' ')).toEqual([0, null])
    }
    const init = ['init', '--nation', 'CAN', '--org', 'test', '--listen', '127.0.0.1:0']
    await done(...init, '--folder', 'lone', '--keys', 'lone-keys')
    await done('roster', 'build', 'lone/CAN.nation.json', '--out', 'lone.json')
    await done('roster', 'sign', 'lone.json', '--key', 'lone-keys/CAN.root.pem', '--yes')
    await done('roster', 'install', 'lone.json', '--folder', 'lone')
    const mapping = {
      ...{ mapping: 'parts', edition: 1, kind: 'capability', dataset: 'parts', originator: 'CAN' },
      ...{ source: { document: { const: 'x' } }, key: ['title'], asOf: { const: '2026-05-01' } },
      handling: { originator_control: true, onward_release: 'ask' },
      fields: { title: 'title' },
    }
    writeFileSync(join(base, 'parts.yaml'), JSON.stringify(mapping))
    const rows = Array.from({ length: 100_000 }, (_, i) => `Part ${i}`)
    writeFileSync(join(base, 'parts.csv'), ['title', ...rows].join('\n'))
    const line = ['import', 'parts.csv', '--mapping', 'parts.yaml', '--folder', 'lone']

    const stopped = cli(...line)
    let said = ''
    stopped.stderr.on('data', (chunk) => {
      if (said === '') stopped.kill('SIGINT')
      said += String(chunk)
    })
    expect(await once(stopped, 'exit')).toEqual([130, null])
    expect(said).toContain('stopped; the same command goes on')
    await done(...line)
  },
  600_000,
)
