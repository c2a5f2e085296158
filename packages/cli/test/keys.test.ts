import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT } from '@entente/cli'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './fake.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-keys-'))
afterAll(() => rmSync(base, { recursive: true }))
const folder = join(base, 'nor')
const root = join(base, 'nor-keys', 'NOR.root.pem')
const nationFile = join(folder, 'NOR.nation.json')

const tell = async (...args: string[]) => {
  const { exit, out } = await run([...args, '--folder', folder, '--json'])
  return { exit, out, said: JSON.parse(out) as Record<string, unknown> }
}
/** A roster of NOR alone, out of its newest nation file. */
async function install(number: number) {
  const roster = join(base, `roster-${number}.json`)
  await tell('roster', 'build', nationFile, '--out', roster, '--number', String(number))
  await tell('roster', 'sign', roster, '--key', root, '--yes')
  return tell('roster', 'install', roster)
}

beforeAll(async () => {
  await tell('init', '--nation', 'NOR', '--org', 'Exercise', '--listen', '127.0.0.1:0')
  expect((await install(1)).exit).toBe(EXIT.done)
})

test('a key is rotated, revoked, and both stand in the next roster', async () => {
  const rotated = await tell('key', 'rotate', '--root', root, '--from', '5')
  expect(rotated).toMatchObject({ exit: EXIT.done, said: { serial: 4, from: 5 } })
  const revoked = await tell(
    ...['key', 'revoke', '--root', root, '--last-good', '2', '--reason', 'laptop stolen'],
  )
  expect(revoked).toMatchObject({ exit: EXIT.done, said: { lastGood: 2, reason: 'laptop stolen' } })
  expect(revoked.said['key']).not.toBe(rotated.said['key'])
  const { certificates, revocations } = JSON.parse(readFileSync(nationFile, 'utf8')) as {
    certificates: string[]
    revocations: string[]
  }
  expect([certificates.length, revocations.length]).toEqual([4, 1])
  expect((await install(2)).exit).toBe(EXIT.done)
})

test('a roster that leaves a revocation out is refused: it would be believed again', async () => {
  const roster = join(base, 'roster-3.json')
  const { revocations: _, ...forgetful } = JSON.parse(readFileSync(nationFile, 'utf8')) as Record<
    string,
    unknown
  >
  const file = join(base, 'forgetful.nation.json')
  writeFileSync(file, JSON.stringify(forgetful))
  await tell('roster', 'build', file, '--out', roster, '--number', '3')
  await tell('roster', 'sign', roster, '--key', root, '--yes')
  const { exit, out } = await tell('roster', 'install', roster)
  expect(exit).toBe(EXIT.refused)
  expect(out).toContain('ROSTER_FORGETS')
})

test('a log without a leaf is not retired, and only the root may say that it is', async () => {
  expect((await tell('log', 'retire', '--root', root)).out).toContain('LOG_EMPTY')
  const authority = join(base, 'nor-keys', 'NOR.authority.pem')
  expect((await tell('log', 'retire', '--root', authority)).out).toContain('ROOT_NOT_OURS')
  expect((await tell('log', 'handover', '--root', root)).said).toMatchObject({
    index: 5,
    next: 'nor.entente.example/release-log/2',
  })
})

test('what a roster changes is shown before it is signed, and nothing is signed until somebody says so', async () => {
  const roster = join(base, 'roster-9.json')
  await tell('roster', 'build', nationFile, '--out', roster, '--number', '9')
  const before = readFileSync(roster, 'utf8')
  const sign = (...more: string[]) =>
    run(['roster', 'sign', roster, '--key', root, '--folder', folder, ...more])
  const asked = await sign()
  expect(asked.exit).toBe(EXIT.waiting)
  expect(asked.out).toContain('Nothing was signed')
  expect(asked.err).toMatch(/^Roster 9: NOR\n {2}number: 2 becomes 9$/m)
  expect(readFileSync(roster, 'utf8')).toBe(before)
  const other = join(base, 'other.json')
  const changed = JSON.parse(before) as { witnessPolicy: Record<string, unknown> }
  writeFileSync(
    other,
    JSON.stringify({ ...changed, witnessPolicy: { ...changed.witnessPolicy, toleranceMs: 1 } }),
  )
  const compared = await sign('--in-force', other, '--yes')
  expect(compared.exit).toBe(EXIT.done)
  expect(compared.out).toContain(`Next: entente --folder ${folder} roster install`)
  expect(compared.err).toMatch(/toleranceMs: 1 becomes 300000/)
})
