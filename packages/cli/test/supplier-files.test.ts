import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'entente-consent-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const write = (name: string, value: unknown) => {
  writeFileSync(at(name), JSON.stringify(value, null, 2))
  return at(name)
}
const read = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'))

const terms = {
  id: 'acme-1',
  supplier: 'acme',
  recipients: ['GBR'],
  uses: ['use'],
  effective: '2026-01-01',
  expires: '2027-01-01',
}
const consent = (more: readonly string[] = [], value: unknown = terms) =>
  run(['register', 'consent', write('acme-1.json', value), '--key', at('acme.pem'), ...more])

let key: string
beforeAll(async () => {
  expect((await consent(['--nation', 'USA'])).exit).toBe(0)
  key = read('acme-1.sealed.json').key
})
const register = (change: object = {}) => ({
  nation: 'USA',
  edition: 4,
  from: '2026-01-01',
  until: '2029-01-01',
  agreements: [],
  suppliers: [{ id: 'acme', title: 'EXERCISE', key, names: ['Acme'] }],
  ...change,
})
const add = (name: string) => run(['register', 'add', at('register.json'), at(name)])

test('a consent, and the end of it, come into the next edition', async () => {
  write('register.json', register())
  expect((await add('acme-1.sealed.json')).out).toContain('edition 5 with consent acme-1')
  const withdraw = ['register', 'withdraw', at('acme-1.sealed.json'), '--key', at('acme.pem')]
  expect((await run([...withdraw, '--from', '2026-10-01'])).exit).toBe(0)
  expect((await add('acme-1.withdrawn.json')).out).toContain('edition 6 with the end of acme-1')
  expect(read('register.json').consents).toMatchObject([
    { id: 'acme-1', withdrawn: { from: '2026-10-01' } },
  ])
  // The old file once more does not bring it back.
  expect((await add('acme-1.sealed.json')).exit).toBe(0)
  expect(read('register.json').consents[0].withdrawn.from).toBe('2026-10-01')
})

test.each<[fault: string, change: object, says: string]>([
  ['names no such supplier', { suppliers: undefined }, 'UNKNOWN_SUPPLIER at consents[0] (acme-1)'],
  [
    'has another key for it',
    { suppliers: [{ id: 'acme', title: 'x', key: 'A'.repeat(43), names: ['Acme'] }] },
    'SUPPLIER_SEAL at consents[0] (acme-1).seal',
  ],
  ['is of another nation', { nation: 'CAN' }, 'is a word to USA'],
])('a register that %s does not take it', async (_, change, says) => {
  write('register.json', register(change))
  const { exit, err } = await add('acme-1.sealed.json')
  expect(exit).not.toBe(0)
  expect(err).toContain(says)
  expect(read('register.json').edition).toBe(4)
})

test.each<[fault: string, more: readonly string[], value: unknown, says: string]>([
  ['to no nation', [], terms, 'name the nation with --nation'],
  [
    'for a nation that is none',
    ['--nation', 'USA'],
    { ...terms, recipients: ['GB'] },
    'recipients.0',
  ],
  ['for nobody', ['--nation', 'USA'], { ...terms, recipients: [] }, 'recipients'],
  ['for a role that is none', ['--nation', 'USA'], { ...terms, roles: ['boss'] }, 'roles.0'],
  ['that never ends', ['--nation', 'USA'], { ...terms, expires: undefined }, 'expires'],
  [
    'that ends first',
    ['--nation', 'USA'],
    { ...terms, expires: '2025-01-01' },
    'expires must be after',
  ],
])('a consent %s is not sealed', async (_, more, value, says) => {
  const { exit, err } = await consent([...more, '--out', at('never.json')], value)
  expect(exit).toBe(2)
  expect(err).toContain(says)
  expect(() => read('never.json')).toThrow()
})

test('what another key sealed cannot be withdrawn, and a missing key is not made for it', async () => {
  const withdraw = [
    'register',
    'withdraw',
    at('acme-1.sealed.json'),
    '--from',
    '2026-10-01',
    '--key',
  ]
  expect((await run([...withdraw, at('none.pem')])).err).toContain('there is no file')
  await run([
    'register',
    'consent',
    write('b.json', terms),
    '--nation',
    'USA',
    '--key',
    at('b.pem'),
  ])
  expect((await run([...withdraw, at('b.pem')])).err).toContain('was sealed by another key')
})
