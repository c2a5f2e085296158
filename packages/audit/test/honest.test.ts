import { compilePolicy, composeFragment, createDecider, PolicyDocument } from '@entente/policy'
import { describe, expect, test } from 'vitest'
import { auditBundles, verifyBundles } from '../src/index.ts'
import { checkSecondSigner } from '../src/statements/second-signer.ts'
import { authorityKey, EPOCH, publish, putInForce } from './bundle-builder.ts'
import { honestly } from './consent-lies.ts'
import {
  asq,
  namelessPolicyOf,
  policyOf,
  recordKey,
  toGbrFirst,
  toGbrSecond,
  toNor,
} from './exercise-data.ts'
import { platformVerify } from './keys.ts'
import { canonical, secondFragment, secondPseudonym } from './second-fragment.ts'
import { bundlesOf, release, tell } from './story.ts'

const trustOf = (told: ReturnType<typeof tell>) => ({
  roster: told.federation.roster,
  verify: platformVerify,
  atMs: told.federation.now + 60_000,
})

test('finds nothing in three true bundles, and counts what went where', () => {
  const told = tell()
  const report = verifyBundles(bundlesOf(told), trustOf(told))
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  expect(report.nations['USA']).toMatchObject({
    origin: 'usa.entente.example/release-log/1',
    stoppedAt: null,
    size: 9,
    leaves: 9,
    statements: { genesis: 1, policy: 2, release: 5, ack: 1 },
    released: {
      GBR: { records: 1, fields: 3, puts: 4, drops: 3 },
      NOR: { records: 1, fields: 2, puts: 1, drops: 0 },
    },
    cosignatures: ['GBR', 'NOR'],
    checkedContent: true,
  })
  expect(report.nations['GBR']?.received).toEqual({ USA: { records: 1 } })
  expect(report.nations['USA']?.policies).toMatchObject([
    { edition: 1, releases: 2, authorities: [{ name: 'release authority', serial: 2 }] },
    { edition: 2, releases: 3, authorities: [{ name: 'release authority', serial: 2 }] },
  ])
  expect(report.remarks).toEqual([])
  expect(report.exercise).toMatch(/^EXERCISE/)
})

test('a field dropped to go coarser is no lie, though the put waits for an officer', () => {
  const told = tell({
    late: (so) => {
      so.policies.second = putInForce(so.federation, so.usa, policyOf(3, 'coarse'))
      publish(so.federation, so.usa)
      release(so, so.usa, so.gbr, 'second', [{ drop: asq, fields: ['rate_max'] }])
    },
  })
  const report = verifyBundles(bundlesOf(told), trustOf(told))
  expect(report.findings).toEqual([])
  expect(report.nations['USA']?.released['GBR']?.fields).toBe(2)
})

test('an edition did not wait for an authority that was certified later', () => {
  const told = tell({ authorities: 2, authoritiesFrom: 2 })
  expect(verifyBundles(bundlesOf(told), trustOf(told)).findings).toEqual([])
})

describe('leaves at which the second authority counts, where a log has followed another', () => {
  const told = tell({ authorities: 2 })
  const audit = auditBundles(bundlesOf(told), trustOf(told)).audits.get('USA')
  if (audit === undefined) throw new RangeError('the USA is to be audited')
  const logOf = (n: number) => `usa.entente.example/release-log/${n}`
  /** The log of the story as number `n` of two; the first edition, at leaf 1, is signed by one and widens. */
  const log = (n: number, at?: { readonly from: number; readonly origin: string }) => {
    const { member } = audit.trusted
    const [first, second] = member.authorities
    const trusted = {
      ...audit.trusted,
      log: { ...audit.trusted.log, origin: logOf(n) },
      member: {
        ...member,
        nodes: [1, 2].map((each) => ({ ...member.node, origin: logOf(each), serial: each })),
        authorities: [first, { ...second, ...at }] as typeof member.authorities,
      },
    }
    return { ...audit, trusted }
  }
  const accused = (one: ReturnType<typeof log>, ...earlier: ReturnType<typeof log>[]) => {
    const found: (number | undefined)[] = []
    const logs = new Map(earlier.map((each) => [each.trusted.log.origin, each]))
    checkSecondSigner(one, logs, (_code, _why, leaf) => found.push(leaf))
    return found
  }
  const none = { ...log(1), policies: new Map(), registers: new Map() }

  test.each([
    ['certified from the first leaf', 1, undefined, [1]],
    ['certified at a later leaf of this log', 1, { from: 2, origin: logOf(1) }, []],
    ['certified at this leaf', 1, { from: 1, origin: logOf(1) }, [1]],
    ['certified in a later log', 1, { from: 1, origin: logOf(2) }, []],
    ['certified far on in the log before', 2, { from: 5000, origin: logOf(1) }, [1]],
    ['certified in a log that nobody knows', 2, { from: 5000, origin: logOf(9) }, [1]],
  ])('%s', (_, n, at, leaves) => {
    expect(accused(log(n, at), none)).toEqual(leaves)
  })

  test('what the log before has put in force is only carried over', () => {
    const at = { from: 5000, origin: logOf(1) }
    expect(accused(log(2, at), log(1))).toEqual([])
    // Without its bundle nobody can tell; what came later than the first leaf is not taken for it.
    expect(accused(log(2, at))).toEqual([1])
    const { statement } = audit.leaves.byIndex.get(1) ?? {}
    const genesis = audit.leaves.byIndex.get(0)
    const byIndex = new Map([
      [0, { ...genesis, statement: { ...genesis?.statement, at: statement?.at } }],
    ])
    const together = { ...log(2, at), leaves: { ...audit.leaves, byIndex: byIndex as never } }
    expect(accused(together)).toEqual([])
  })
})

test('of two authorities one may narrow alone, and put the same edition in force again', () => {
  const told = tell({
    authorities: 2,
    policy: { second: authorityKey('USA', 2) },
    late: ({ federation, usa }) => {
      putInForce(federation, usa, policyOf(2))
      publish(federation, usa)
    },
  })
  expect(verifyBundles(bundlesOf(told), trustOf(told)).findings).toEqual([])
})

test('content of another nation handed on with its consent is replayed by it', () => {
  const told = tell({ late: honestly })
  expect(verifyBundles(bundlesOf(told), trustOf(told)).findings).toEqual([])
})

test.each([
  ['GBR under the first policy', 'GBR', 1, toGbrFirst('AN/ASQ-235')],
  ['GBR under the second policy', 'GBR', 2, toGbrSecond('AN/ASQ-235')],
  ['NOR', 'NOR', 1, toNor('AN/ASQ-235')],
])('both fragment builders give %s the same bytes', (_, recipient, edition, values) => {
  const policy = compilePolicy(PolicyDocument.parse(policyOf(edition)))
  const { fragment, digest, fields } = composeFragment(
    { record: asq, recipient, purpose: 'use', atMs: EPOCH, sender: 'USA' },
    createDecider(policy),
    { recordKey: recordKey(asq) },
  )
  const second = secondFragment(asq, values, recordKey(asq))
  expect(canonical(fragment)).toBe(canonical(second.fragment))
  expect([digest, fields]).toEqual([second.digest, second.fields])
})

/** What the policy that withholds names and places gives, worked out by hand. */
const nameless = (recipient: string) => ({
  title: secondPseudonym(recordKey(asq), recipient, 'title'),
  supplier: 'exercise maker',
  place: { nation: 'CAN' },
})

test.each(['GBR', 'NOR'])(
  'both fragment builders give %s the same pseudonym and the same country',
  (recipient) => {
    const { fragment, digest } = composeFragment(
      { record: asq, recipient, purpose: 'use', atMs: EPOCH, sender: 'USA' },
      createDecider(compilePolicy(PolicyDocument.parse(namelessPolicyOf(3)))),
      { recordKey: recordKey(asq) },
    )
    const second = secondFragment(asq, nameless(recipient), recordKey(asq))
    expect(canonical(fragment)).toBe(canonical(second.fragment))
    expect(digest).toBe(second.digest)
    for (const text of ['AN/ASQ-235', 'Dartmouth']) expect(canonical(fragment)).not.toContain(text)
  },
)

/** NOR holds the record by its name, then a policy withholds the name. */
const renamed = (changes: 'whole' | 'title' | 'supplier' | 'wrong pseudonym' | 'name') =>
  tell({
    late: (so) => {
      so.policies.second = putInForce(so.federation, so.usa, namelessPolicyOf(3))
      publish(so.federation, so.usa)
      const fields = { title: ['title'], supplier: ['supplier'] } as const
      const dropped = changes === 'title' || changes === 'supplier' ? fields[changes] : undefined
      release(so, so.usa, so.nor, 'second', [
        { drop: asq, ...(dropped !== undefined && { fields: dropped }) },
      ])
      if (dropped !== undefined) return
      const title =
        changes === 'name'
          ? { title: 'AN/ASQ-235' }
          : changes === 'wrong pseudonym'
            ? { title: secondPseudonym(recordKey(asq), 'GBR', 'title') }
            : {}
      release(so, so.usa, so.nor, 'second', [
        { put: asq, values: { ...nameless('NOR'), ...title } },
      ])
    },
  })

test('a record dropped whole and put again under a pseudonym is no lie, nor is its name dropped alone', () => {
  for (const changes of ['whole', 'title'] as const) {
    const told = renamed(changes)
    expect(verifyBundles(bundlesOf(told), trustOf(told)).findings).toEqual([])
  }
})

test.each([
  ['another field is dropped than the one that changes its form', 'supplier', 'DECISION_DIFFERS'],
  ['the pseudonym is that of another nation', 'wrong pseudonym', 'OVER_RELEASE'],
  ['the name goes all the same', 'name', 'OVER_RELEASE'],
] as const)('is found: %s', (_, changes, code) => {
  const told = renamed(changes)
  const { findings } = verifyBundles(bundlesOf(told), trustOf(told))
  expect(findings.map((finding) => [finding.nation, finding.code])).toEqual([['USA', code]])
})
