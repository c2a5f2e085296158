import { createPolicyApi } from '@entente/node/testing'
import { PolicyDocument, sealOf } from '@entente/policy'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { capability, livePolicy } from '../support/scenario.ts'
import { openSender } from '../support/sender.ts'

const atMs = Date.UTC(2026, 8, 21)
let federation: Federation
let alone: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'USA'], undefined, 2)
  alone = createFederation(['GBR', 'USA'])
})
afterAll(async () => {
  await federation[Symbol.asyncDispose]()
  await alone[Symbol.asyncDispose]()
})

const first = PolicyDocument.parse(livePolicy('GBR'))
const digestOf = (document: PolicyDocument) => sealOf(document).digest
const edition = (n: number, change: Partial<PolicyDocument> = {}): PolicyDocument => ({
  ...first,
  edition: n,
  ...change,
})
const refused = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) })
const tests: PolicyDocument['tests'] = []
const narrower = edition(2, { ceilings: { ...first.ceilings, NOR: 'UNCLASSIFIED' }, tests })
const wider = edition(3, { tests })

describe('a nation with two authorities', () => {
  test('lets one of them narrow what goes, and asks for both where more would go', async () => {
    await using gbr = await openSender(federation.folder('GBR'), () => atMs)
    const { policies } = gbr
    const sign = (document: PolicyDocument, by: readonly number[]) =>
      federation.sign('GBR', document, by)

    // From nothing, all that the first edition lets go is more.
    expect(() => policies.install(sign(first, [1]))).toThrow(
      refused('POLICY_WIDENS', /sorts of questions .* 1 of 2 authorities has signed/),
    )
    expect(policies.at(atMs)).toBeNull()
    expect(policies.install(sign(first, [1, 2])).edition).toBe(1)

    expect(policies.install(sign(narrower, [2])).edition).toBe(2)
    expect(() => policies.install(sign(wider, [1]))).toThrow(refused('POLICY_WIDENS', /more/))
    expect(() => policies.install(sign(wider, [2]))).toThrow(refused('POLICY_WIDENS', /more/))
    // The same authority twice is one.
    expect(() => policies.install(sign(wider, [1, 1]))).toThrow(refused('POLICY_WIDENS', /1 of 2/))
    expect(policies.at(atMs)?.edition).toBe(2)
    expect(policies.install(sign(wider, [1, 2])).edition).toBe(3)
  })

  test('asks for both where nobody would look any more, and for a later end', async () => {
    await using gbr = await openSender(federation.folder('GBR'), () => atMs)
    const { policies } = gbr
    const manual = Object.fromEntries(
      Object.entries(first.datasets).map(([name, set]) => [
        name,
        { ...set, mode: 'manual' as const },
      ]),
    )
    policies.install(federation.sign('GBR', edition(1, { datasets: manual }), [1, 2]))
    expect(() => policies.install(federation.sign('GBR', edition(2), [1]))).toThrow(
      refused('POLICY_WIDENS', /without a person looking/),
    )
    const longer = edition(2, { datasets: manual, until: '2030-01-01' })
    expect(() => policies.install(federation.sign('GBR', longer, [1]))).toThrow(
      refused('POLICY_WIDENS', /more/),
    )
  })

  test('asks for both where a register lets more go by the policy that stands', async () => {
    await using gbr = await openSender(federation.folder('GBR'), () => atMs)
    const { policies } = gbr
    policies.install(federation.sign('GBR', first, [1, 2]))
    const register = (n: number, parties: readonly string[]) => ({
      nation: 'GBR',
      edition: n,
      from: '2026-01-01',
      until: '2029-01-01',
      agreements: [
        {
          id: 'rates',
          title: 'Rates',
          type: 'MOU',
          parties: parties.map((nation) => ({ nation })),
          items: [{ regime: 'UKML', codes: ['ML4'] }],
          uses: ['use'],
          ceiling: 'RESTRICTED',
          effective: '2026-01-01',
          expires: '2028-01-01',
        },
      ],
    })
    const install = (document: unknown, by: readonly number[]) =>
      policies.registers.install(federation.signRegister('GBR', document, by))
    expect(() => install(register(1, ['USA']), [1])).toThrow(refused('POLICY_WIDENS', /more/))
    install(register(1, ['USA', 'AUS']), [1, 2])
    expect(install(register(2, ['USA']), [1]).edition).toBe(2)
    expect(() => install(register(3, ['USA', 'AUS']), [2])).toThrow(
      refused('POLICY_WIDENS', /more/),
    )

    // Nor by the other way round, or bit by bit: what begins later counts as well.
    const later = { ...register(3, ['USA', 'AUS']), from: '2027-01-01' }
    expect(() => install(later, [1])).toThrow(refused('POLICY_WIDENS', /more/))
    const mute = edition(2, { rules: [], from: '2027-01-01', tests })
    policies.install(federation.sign('GBR', mute, [1]))
    expect(() => install(register(3, ['USA', 'AUS']), [1])).toThrow(
      refused('POLICY_WIDENS', /more/),
    )
  })

  test('asks for both where a rule waits for a register that begins later', async () => {
    await using gbr = await openSender(federation.folder('GBR'), () => atMs)
    const { policies } = gbr
    const plain = edition(1, {
      rules: first.rules.filter(({ effect }) => effect === 'deny'),
      tests,
    })
    policies.install(federation.sign('GBR', plain, [1, 2]))
    const later = {
      nation: 'GBR',
      edition: 1,
      from: '2027-01-01',
      until: '2029-01-01',
      agreements: [
        {
          id: 'rates',
          title: 'Rates',
          type: 'MOU',
          parties: [{ nation: 'USA' }],
          uses: ['use'],
          ceiling: 'RESTRICTED',
          effective: '2026-01-01',
          expires: '2028-01-01',
        },
      ],
    }
    policies.registers.install(federation.signRegister('GBR', later, [1]))
    const byAgreement = edition(2, {
      rules: [
        ...plain.rules,
        {
          id: 'rates',
          effect: 'permit',
          match: { agreements: { intersects: ['rates'] } },
          reasonCode: 'RATES',
          authority: 'Rates',
        },
      ],
      tests,
    })
    expect(() => policies.install(federation.sign('GBR', byAgreement, [1]))).toThrow(
      refused('POLICY_WIDENS', /more/),
    )
  })
})

describe('an edition that names the one it replaces', () => {
  test('follows that one and no other', async () => {
    await using gbr = await openSender(alone.folder('GBR'), () => atMs)
    const { policies } = gbr
    const install = (document: PolicyDocument) => policies.install(alone.sign('GBR', document))
    install(first)
    const lost = edition(2, { ceilings: {}, tests })
    expect(() => install({ ...narrower, supersedes: digestOf(lost) })).toThrow(
      refused('POLICY_CHAIN', new RegExp(`edition 1 here is ${digestOf(first)}`)),
    )
    const second = { ...narrower, supersedes: digestOf(first) }
    expect(install(second).digest).toBe(digestOf(second))
    // Naming none is as it always was.
    expect(install(wider).edition).toBe(3)
    expect(() => install({ ...edition(4), supersedes: digestOf(first) })).toThrow(
      refused('POLICY_CHAIN', /edition 3/),
    )
  })

  test('is signed as it was before there was such a word', () => {
    expect(digestOf(first)).toBe(
      sealOf(PolicyDocument.parse(JSON.parse(JSON.stringify(first)))).digest,
    )
    expect('supersedes' in first).toBe(false)
  })
})

test('a nation with one authority widens by its word alone', async () => {
  await using gbr = await openSender(alone.folder('GBR'), () => atMs)
  gbr.policies.install(alone.sign('GBR', narrower))
  expect(gbr.policies.install(alone.sign('GBR', wider)).edition).toBe(3)
})

test('what the comparison says of held records is what then goes', async () => {
  await using gbr = await openSender(alone.folder('GBR'), () => atMs)
  const { policies, records, releaser, db } = gbr
  gbr.subscribe('USA', 'production')
  await records.recordAdd(capability({ title: 'Sonobuoy', supplier: 'Works' }))
  await releaser.idle()
  expect(db.prepare('SELECT * FROM held').all()).toEqual([])
  policies.install(alone.sign('GBR', first))
  releaser.wake()
  await releaser.idle()
  const api = createPolicyApi(gbr.deps, policies)
  const none = edition(2, { rules: first.rules.filter(({ effect }) => effect === 'deny'), tests })
  const { held, titles } = await api.policyDiff({ after: none })
  expect(held).toMatchObject({ records: 1, gains: 0 })
  const lost = held.changes.filter(({ nation }) => nation === 'USA').map(({ field }) => field)
  const had = db.prepare("SELECT fields FROM held WHERE recipient = 'USA'").all()
  expect(had).toHaveLength(1)
  expect(lost.sort()).toEqual(Object.keys(JSON.parse(String(had[0]?.['fields']))).sort())
  expect(Object.values(titles)).toEqual(['Sonobuoy'])
  policies.install(alone.sign('GBR', none))
  releaser.wake()
  await releaser.idle()
  expect(db.prepare('SELECT * FROM held').all()).toEqual([])
})
