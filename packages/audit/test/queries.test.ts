import { expect, test } from 'vitest'
import {
  type Audits,
  auditBundles,
  catalogues,
  erasures,
  heldBy,
  overrides,
  receivedBy,
  refusals,
  releasedUnder,
  subscriptions,
  unacknowledged,
} from '../src/index.ts'
import {
  acknowledge,
  append,
  appendToFeed,
  decideOn,
  digestText,
  hand,
  publish,
} from './bundle-builder.ts'
import { asq, mk58 } from './exercise-data.ts'
import { platformVerify } from './keys.ts'
import { norPut } from './lie-tools.ts'
import { bundlesOf, type Lies, release, type Told, tell } from './story.ts'

function auditsOf(lies: Lies = {}): { readonly told: Told; readonly audits: Audits } {
  const told = tell(lies)
  const { roster, now } = told.federation
  const trust = { roster, verify: platformVerify, atMs: now + 60_000 }
  const { audits, report } = auditBundles(bundlesOf(told, lies.bundles), trust)
  expect(report.findings).toEqual([])
  return { told, audits }
}

/** Decision time of a leaf of the USA. */
const atOf = (audits: Audits, leaf: number): number =>
  audits.get('USA')?.leaves.byIndex.get(leaf)?.statement.at ?? Number.NaN

test('received: every put and drop to a nation, with name, ground, edition and acknowledgement', () => {
  const { audits } = auditsOf()
  const rows = receivedBy(audits, 'GBR')
  expect(rows.map(({ leaf, op, name }) => `${leaf} ${op} ${name}`).sort()).toEqual([
    '2 put AN/ASQ-235',
    '2 put MK-58',
    '5 drop AN/ASQ-235',
    '5 drop MK-58',
    '6 put AN/ASQ-235',
    '6 put MK-58',
    '7 drop MK-58',
  ])
  expect(rows.find(({ leaf, name }) => leaf === 2 && name === 'MK-58')).toMatchObject({
    sender: 'USA',
    dataset: 'capabilities',
    record: mk58.id,
    fields: ['lead_time', 'rate_max', 'supplier', 'title'],
    authority: ['Agreement 2', 'Treaty 1', 'Treaty 1', 'Treaty 1'],
    edition: 1,
    acknowledged: true,
  })
  expect(rows.find(({ leaf }) => leaf === 7)?.fields).toBeNull()
})

test('received: narrowed by record, dataset and period', () => {
  const { audits } = auditsOf()
  const leaves = (filter: Parameters<typeof receivedBy>[2]) =>
    receivedBy(audits, 'GBR', filter).map(({ leaf }) => leaf)
  expect(leaves({ record: asq.id })).toEqual([2, 5, 6])
  expect(leaves({ dataset: 'items' })).toEqual([])
  expect(leaves({ period: { fromMs: atOf(audits, 6), toMs: atOf(audits, 6) } })).toEqual([6, 6])
  expect(receivedBy(audits, 'NOR').map(({ record }) => record)).toEqual([asq.id])
  expect(receivedBy(audits, 'USA')).toEqual([])
})

test('held: what stood at an instant, from the history of puts and drops', () => {
  const { audits } = auditsOf()
  const at = (leaf: number, plus = 0) =>
    heldBy(audits, 'GBR', atOf(audits, leaf) + plus).map(
      ({ name, fields }) => `${name}: ${fields.join(' ')}`,
    )
  expect(at(2, -1)).toEqual([])
  expect(at(2).sort()).toEqual([
    'AN/ASQ-235: lead_time rate_max supplier title',
    'MK-58: lead_time rate_max supplier title',
  ])
  expect(at(5).sort()).toEqual([
    'AN/ASQ-235: rate_max supplier title',
    'MK-58: rate_max supplier title',
  ])
  expect(at(7)).toEqual(['AN/ASQ-235: rate_max supplier title'])
  // The inputs say until when.
  expect(heldBy(audits, 'GBR', Date.parse('2027-09-01'))).toEqual([])
})

test('policy: the releases of one edition', () => {
  const { audits } = auditsOf()
  expect(releasedUnder(audits, 1).map(({ leaf, recipient }) => [leaf, recipient])).toEqual([
    [2, 'GBR'],
    [3, 'NOR'],
  ])
  expect(releasedUnder(audits, 2)).toMatchObject([
    { leaf: 5, effect: 'narrow', entries: 2, plan: null },
    { leaf: 6, effect: 'widen' },
    { leaf: 7, effect: 'narrow', entries: 1 },
  ])
  expect(releasedUnder(audits, 3)).toEqual([])
})

test('unacknowledged: every statement behind the last acknowledgement of its feed', () => {
  const { audits } = auditsOf()
  // The control feed of the story is delivered, never acknowledged.
  expect(unacknowledged(audits)).toEqual([
    expect.objectContaining({ sender: 'GBR', recipient: 'USA', kind: 'subscribe', subject: null }),
  ])
  const told = tell({
    late: (so) => {
      release(so, so.usa, so.nor, 'second', [norPut])
      for (const [one, file] of [
        [so.nor, 'acks-given.jsonl'],
        [so.usa, 'acks-received.jsonl'],
      ] as const)
        one.rows[file]?.pop()
    },
  })
  const { roster, now } = told.federation
  const trust = { roster, verify: platformVerify, atMs: now }
  const rows = unacknowledged(auditBundles(bundlesOf(told), trust).audits)
  expect(rows).toContainEqual(
    expect.objectContaining({ sender: 'USA', recipient: 'NOR', kind: 'release', seq: 1 }),
  )
})

test('refusals and overrides: nobody has decided anything yet', () => {
  const { audits } = auditsOf()
  expect(refusals(audits)).toEqual([])
  expect(overrides(audits)).toEqual([])
  expect(erasures(audits)).toEqual([])
})

test('refusals: denials with the person who signed, and entries that a recipient did not admit', () => {
  const { audits, told } = auditsOf({
    late: (so) => {
      const { federation, usa, gbr } = so
      const ask = { recipient: 'USA', ask: 'release', body: digestText('please') }
      const asked = appendToFeed(federation, gbr, 'request', ask)
      hand(federation, gbr, usa, asked)
      decideOn(federation, usa, 'deny', digestText(asked.jws))
      append(federation, usa, 'deny', {
        recipient: 'GBR',
        about: digestText('unknown'),
        code: 'NOT_RELEASABLE',
      })
      publish(federation, usa)
      const last = so.sent[3]
      const [entry] = JSON.parse(
        Buffer.from(last?.jws.split('.')[1] ?? '', 'base64url').toString(),
      ).entries
      const refused = [{ seq: 2, entry, code: 'FRAGMENT_DIGEST' }]
      const newest = so.sent.at(-1)
      if (newest)
        acknowledge({ ...federation, now: federation.now + 1000 }, gbr, usa, newest, { refused })
    },
  })
  const rows = refusals(audits)
  expect(rows).toMatchObject([
    {
      by: 'USA',
      to: null,
      code: 'REFUSED_BY_OFFICER',
      about: 'request of GBR to release, leaf 2',
      person: 'release authority',
    },
    { by: 'USA', to: 'GBR', code: 'NOT_RELEASABLE', about: digestText('unknown'), person: null },
    { by: 'GBR', to: 'USA', leaf: null, code: 'FRAGMENT_DIGEST', person: null },
  ])
  expect(rows[2]?.about).toMatch(/^leaf 6 of USA, entry /)
  expect(overrides(audits)).toMatchObject([
    { nation: 'USA', decision: 'deny', person: 'release authority', serial: 2 },
  ])
  expect(told.sent).toHaveLength(5)
})

test('overrides: an approval names the plan that was released, and the person', () => {
  const plan = digestText('plan')
  const { audits } = auditsOf({
    again: { inputs: { plan } },
    late: ({ federation, usa }) => decideOn(federation, usa, 'approve', plan),
  })
  expect(overrides(audits)).toMatchObject([
    {
      nation: 'USA',
      decision: 'approve',
      about: `plan ${plan}, released from leaf 6 on`,
      person: 'release authority',
    },
  ])
})

test('erasures: leaves, ground and authority as declared', () => {
  const { audits } = auditsOf({
    late: ({ federation, usa }) =>
      void append(federation, usa, 'erase', {
        leaves: [1],
        ground: 'court order',
        authority: 'Court of X',
      }),
  })
  expect(erasures(audits)).toMatchObject([
    { nation: 'USA', erased: [1], ground: 'court order', authority: 'Court of X' },
  ])
})

test('subscriptions and catalogues: who asked whom for what, what stood then, and what was offered', () => {
  const { audits } = auditsOf({
    late: ({ federation, usa }) => {
      const ask = (said: Record<string, unknown>) =>
        appendToFeed(federation, usa, 'subscribe', {
          recipient: 'NOR',
          dataset: 'needs',
          action: 'subscribe',
          ...said,
        })
      ask({ kind: 'gap' })
      ask({ topic: 'fuzes' })
      ask({ kind: 'gap', action: 'unsubscribe' })
      ask({ only: true })
      appendToFeed(federation, usa, 'catalogue-request', { recipient: 'NOR', action: 'subscribe' })
      appendToFeed(federation, usa, 'catalogue', {
        recipient: 'NOR',
        policy: null,
        datasets: [],
        inputs: null,
      })
      publish(federation, usa)
    },
  })
  const asked = subscriptions(audits).filter(({ dataset }) => dataset === 'needs')
  expect(
    asked.map(({ by, to, action, part, only, after }) => [by, to, action, part, only, after]),
  ).toEqual([
    ['USA', 'NOR', 'subscribe', 'gap', false, ['gap']],
    ['USA', 'NOR', 'subscribe', 'on fuzes', false, ['gap', 'on fuzes']],
    ['USA', 'NOR', 'unsubscribe', 'gap', false, ['on fuzes']],
    ['USA', 'NOR', 'subscribe', '', true, ['']],
  ])
  expect(catalogues(audits).map(({ by, to, what, dataset }) => [by, to, what, dataset])).toEqual([
    ['USA', 'NOR', 'asked', null],
    ['USA', 'NOR', 'nothing', null],
  ])
})
