import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { run } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'entente-register-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'CAN.yaml')

/** As an officer writes it. */
const good = `# EXERCISE
nation: CAN
edition: 1
from: 2026-01-01
until: 2028-01-01
agreements:
  - id: can-usa-2
    title: Exercise arrangement 2
    type: blanket
    parties:
      - { nation: USA, from: 2026-02-01, until: 2027-01-01 }
      - { nation: GBR }
    uses: [use]
    ceiling: RESTRICTED
    value: { atMost: "25000", currency: USD }
    effective: 2026-01-01
    expires: 2027-06-01
  - id: can-nor-1
    title: Exercise arrangement 1
    type: GSOMIA
    parties: [{ nation: NOR }]
    uses: [use]
    ceiling: SECRET
    effective: 2026-01-01
    expires: 2028-01-01
`
const as = (text: string, verb = 'check') => {
  writeFileSync(file, text)
  return run(['register', verb, file, '--folder', folder])
}

test('YAML and JSON of one register are one register', async () => {
  writeFileSync(file, good)
  const checked = JSON.parse((await run(['register', 'check', file, '--json'])).out)
  expect(checked).toMatchObject({ ok: true, nation: 'CAN', edition: 1 })
  const json = join(folder, 'CAN.json')
  const asJson = {
    nation: 'CAN',
    edition: 1,
    from: '2026-01-01',
    until: '2028-01-01',
    agreements: [
      {
        id: 'can-usa-2',
        title: 'Exercise arrangement 2',
        type: 'blanket',
        parties: [{ nation: 'USA', from: '2026-02-01', until: '2027-01-01' }, { nation: 'GBR' }],
        uses: ['use'],
        ceiling: 'RESTRICTED',
        value: { atMost: '25000', currency: 'USD' },
        effective: '2026-01-01',
        expires: '2027-06-01',
      },
      {
        id: 'can-nor-1',
        title: 'Exercise arrangement 1',
        type: 'GSOMIA',
        parties: [{ nation: 'NOR' }],
        uses: ['use'],
        ceiling: 'SECRET',
        effective: '2026-01-01',
        expires: '2028-01-01',
      },
    ],
  }
  writeFileSync(json, JSON.stringify(asJson))
  const again = JSON.parse((await run(['register', 'check', json, '--json'])).out)
  expect(again.digest).toBe(checked.digest)
})

describe('a register is refused, naming file, line, agreement, field and what to do, that has', () => {
  test.each<[fault: string, was: string, becomes: string, says: RegExp]>([
    [
      'an unknown nation',
      '{ nation: NOR }',
      '{ nation: NOX }',
      /FORM in agreement can-nor-1, parties\[0\]\.nation\n.*NOX/,
    ],
    ['an unknown use', 'uses: [use]', 'uses: [sell]', /FORM in agreement can-usa-2, uses\[0\]\n/],
    [
      'an unknown level',
      'ceiling: SECRET',
      'ceiling: OPEN',
      /agreement can-nor-1, ceiling\n.*UNCLASSIFIED/,
    ],
    [
      'no parties',
      'parties: [{ nation: NOR }]',
      'parties: []',
      /agreement can-nor-1, parties\n.*an empty list is nobody/,
    ],
    [
      'a date that does not exist',
      'expires: 2027-06-01',
      'expires: 2027-06-31',
      /agreement can-usa-2, expires\n.*such as 2026-10-01/,
    ],
    [
      'an end before its beginning',
      'expires: 2027-06-01',
      'expires: 2025-06-01',
      /INTERVAL in agreement can-usa-2, expires\n.*is not after/,
    ],
    [
      'a party that ends before it begins',
      'until: 2027-01-01 }',
      'until: 2026-01-15 }',
      /INTERVAL in agreement can-usa-2, parties\[0\]\n/,
    ],
    [
      'an id twice',
      'id: can-nor-1',
      'id: can-usa-2',
      /DUPLICATE_ID in agreement can-usa-2, id\n.*give one of the two another id/,
    ],
    [
      'a member that there is not',
      '    effective: 2026-01-01\n    expires: 2028',
      '    efective: 2026-01-01\n    expires: 2028',
      /agreement can-nor-1, (effective|efective)\n/,
    ],
    [
      'a number where text stands',
      'atMost: "25000"',
      'atMost: 25000',
      /agreement can-usa-2, value\.atMost\n/,
    ],
  ])('%s', async (_, was, becomes, says) => {
    expect(good).toContain(was)
    const { exit, out } = await as(good.replace(was, becomes))
    expect(exit).toBe(7)
    expect(out).toMatch(/CAN\.yaml:\d+: /)
    expect(out).toMatch(says)
  })
})

test('a line is the line of the fault', async () => {
  const { out } = await as(good.replace('ceiling: SECRET', 'ceiling: OPEN'))
  const line = good.slice(0, good.indexOf('ceiling: SECRET')).split('\n').length
  expect(out).toContain(`CAN.yaml:${line}: FORM`)
})

test.each([
  ['a list', '- nation: CAN\n', /this is no register: a register is YAML or JSON/],
  ['a key twice', good.replace('edition: 1', 'edition: 1\nedition: 2'), /CAN\.yaml:\d+: /],
  ['an anchor', good.replace('[{ nation: NOR }]', '&a [{ nation: NOR }]'), /CAN\.yaml:\d+: /],
])('%s is no register', async (_, text, says) => {
  const { exit, err } = await as(text)
  expect(exit).toBe(2)
  expect(err).toMatch(says)
})

test('what is wrong is not signed, and nothing is written', async () => {
  writeFileSync(file, good.replace('ceiling: SECRET', 'ceiling: OPEN'))
  const out = join(folder, 'out.json')
  const { exit, err } = await run(['register', 'sign', file, '--key', 'none.pem', '--out', out])
  expect(exit).not.toBe(0)
  expect(err).toMatch(/CAN\.yaml:\d+: FORM in agreement can-nor-1, ceiling.*POLICY_INVALID/s)
  expect(() => readFileSync(out)).toThrow('ENOENT')
})
