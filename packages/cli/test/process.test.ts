import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyEd25519 } from '@entente/node'
import { openPolicy } from '@entente/policy'
import { type Member, openRoster } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '../src/main.ts')
const base = mkdtempSync(join(tmpdir(), 'entente-process-'))
const started: ChildProcess[] = []
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(base, { recursive: true })
})

/** Runs `entente` as a user does, in a process of its own. */
function entente(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { cwd: base, encoding: 'utf8' })
}

async function serve(...args: string[]): Promise<ChildProcess & { readonly line: string }> {
  const child = spawn(process.execPath, [MAIN, 'serve', ...args], {
    cwd: base,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const [line] = await once(child.stdout, 'data')
  return Object.assign(child, { line: String(line) })
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

describe('from nothing to a running node', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    const port = await freePort()
    const words = ['init', '--nation', 'GBR', '--org', 'Test GBR', '--listen', `127.0.0.1:${port}`]
    expect(entente(...words, ...gbr, '--exercise')).toMatchObject({ status: 0, stderr: '' })
    expect(entente('init', '--nation', 'NOR', '--org', 'Test NOR', '--folder', 'nor').status).toBe(
      0,
    )
  }, 60_000)

  test('init tells no secret and overwrites nothing', () => {
    const again = entente('init', '--nation', 'GBR', '--org', 'x', ...gbr, '--json')
    expect(again.status).toBe(8)
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'FOLDER_NOT_EMPTY' } })
    const { stdout } = entente('init', '--nation', 'CAN', '--org', 'x', '--folder', 'can', '--json')
    const { rootKeyPath, words, folder } = JSON.parse(stdout)
    expect(words.split(' ')).toHaveLength(6)
    for (const path of [
      rootKeyPath,
      join(folder, 'keys/log.pem'),
      join(folder, 'keys/fragment.key'),
    ]) {
      const secret =
        readFileSync(path, 'utf8')
          .split('\n')
          .find((l) => !l.startsWith('-----')) ?? ''
      expect(secret.length).toBeGreaterThan(40)
      expect(stdout).not.toContain(secret)
    }
  })

  test('a roster counts once every nation has signed it', () => {
    const built = entente('roster', 'build', 'gbr/GBR.nation.json', 'nor/NOR.nation.json')
    expect(built).toMatchObject({ status: 0 })
    expect(built.stdout).toContain('detected, not prevented')
    expect(entente('roster', 'install', 'roster.json', ...gbr).status).toBe(5)
    expect(
      entente('roster', 'sign', 'roster.json', '--key', 'gbr-keys/GBR.root.pem').stdout,
    ).toContain('NOR')
    expect(
      entente('roster', 'sign', 'roster.json', '--key', 'gbr-keys/GBR.authority.pem').status,
    ).toBe(4)
    expect(entente('roster', 'sign', 'roster.json', '--key', 'nor-keys/NOR.root.pem').status).toBe(
      0,
    )

    const text = readFileSync(join(base, 'roster.json'), 'utf8')
    writeFileSync(join(base, 'changed.json'), text.replace('"quorum": 1', '"quorum": 2'))
    expect(entente('roster', 'install', 'changed.json', ...gbr).status).toBe(7)
    expect(entente('roster', 'install', 'roster.json', ...gbr).status).toBe(0)
    const shown = JSON.parse(entente('roster', 'show', ...gbr, '--json').stdout)
    expect(shown).toMatchObject({
      verified: true,
      quorum: 1,
      nations: [{ nation: 'GBR', signed: true }, { nation: 'NOR' }],
    })
  })

  test('a policy is signed away from the node, and only when nothing is wrong with it', () => {
    writeFileSync(join(base, 'policy.json'), JSON.stringify(policy))
    writeFileSync(join(base, 'bad.json'), JSON.stringify({ ...policy, until: '2025-01-01' }))
    const key = ['--key', 'gbr-keys/GBR.authority.pem']
    expect(entente('policy', 'check', 'bad.json')).toMatchObject({
      status: 7,
      stdout: expect.stringContaining('INTERVAL'),
    })
    expect(entente('policy', 'sign', 'bad.json', ...key).status).toBe(4)
    expect(entente('policy', 'check', 'policy.json').status).toBe(0)
    expect(entente('policy', 'sign', 'policy.json', ...key).status).toBe(0)

    const roster = openRoster(
      JSON.parse(readFileSync(join(base, 'roster.json'), 'utf8')),
      verifyEd25519,
    )
    const { authorities } = roster.members.get('GBR') as Member
    const signed: unknown = JSON.parse(readFileSync(join(base, 'policy.signed.json'), 'utf8'))
    expect(openPolicy(signed, authorities, verifyEd25519, 1).edition).toBe(1)
  })

  test('serve says when it is ready, answers other processes, refuses a second, and ends by SIGTERM', async () => {
    const node = await serve(...gbr, '--alone', '--json')
    expect(JSON.parse(node.line)).toMatchObject({
      serving: 'GBR',
      ports: [expect.stringContaining('/tcp/')],
    })

    const status = entente('status', ...gbr)
    expect(status).toMatchObject({ status: 0, stderr: '' })
    expect(status.stdout.split('\n')[0]).toMatch(/^EXERCISE: /)
    expect(status.stdout).toContain('NOR')
    expect(entente('status', ...gbr, '--check').status).toBe(6)
    expect(entente('serve', ...gbr)).toMatchObject({
      status: 8,
      stdout: '',
      stderr: expect.stringContaining('FOLDER_IN_USE'),
    })
    expect(entente('roster', 'install', 'roster.json', ...gbr).status).toBe(8)

    const added = entente(
      'record',
      'add',
      'gap',
      '--dataset',
      'gaps',
      '--set',
      'title=Cobalt',
      ...gbr,
    )
    expect(added).toMatchObject({ status: 0, stderr: '' })
    expect(entente('record', 'show', 'cobalt', ...gbr).stdout).toMatch(/title +Cobalt/)

    node.kill('SIGTERM')
    expect(await once(node, 'exit')).toEqual([0, null])
    // Nobody runs now: the verb opens the node itself.
    expect(entente('search', 'cobalt', ...gbr, '--json')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Cobalt'),
    })
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

  test('an audit of what is no bundle finds that, and needs a roster of one’s own', () => {
    const trust = ['--trust', 'roster.json']
    expect(entente('audit', 'verify', 'nowhere', ...trust).status).toBe(3)
    expect(entente('audit', 'verify', 'nor-keys').status).toBe(2)
    const found = entente(
      'audit',
      'verify',
      'nor-keys',
      ...trust,
      '--html',
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

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
