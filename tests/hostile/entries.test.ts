import type { Disclosure, Fragment, Opening } from '@entente/schema'
import { digestDisclosure, digestFragment } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import {
  createHostileSender,
  dropOf,
  fragmentOf,
  newRecordId,
  putOf,
} from '../support/hostile-sender.ts'
import { openPair } from '../support/pair.ts'
import { refusalOf } from '../support/receiver.ts'

// release-log.md cases 28, 30, 49: a statement whose entries are not the fragments that come with it.
const atMs = Date.UTC(2026, 8, 21)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

const pair = () => openPair(federation, atMs)

const honest = (): Fragment =>
  fragmentOf('USA', { title: 'canary', rate_msr: { number: '25', unit: 'each', per: 'year' } })
/** The fragment with other disclosures, signed for as they are. */
const withDisclosures = ({ head }: Fragment, disclosures: Disclosure[]): Fragment => ({
  head: { ...head, sd: disclosures.map((each) => digestDisclosure(each)).sort() },
  disclosures,
})
const extra: Disclosure = ['AAAAAAAAAAAAAAAAAAAAAA', 'unit_cost', { amount: '1', currency: 'USD' }]

test.each<[fact: string, make: () => readonly [body: unknown, named: Opening], code: string]>([
  [
    'discloses a field that the entry does not name',
    () => {
      const body = withDisclosures(honest(), [...honest().disclosures, extra])
      return [body, putOf(honest(), { record: body.head.id, digest: digestFragment(body.head) })]
    },
    'FRAGMENT_FIELDS',
  ],
  [
    'discloses a field that nobody signed for',
    () => {
      const body = honest()
      const wider = { ...body, disclosures: [...body.disclosures, extra] }
      return [wider, putOf(wider)]
    },
    'DISCLOSURE_DIGEST',
  ],
  [
    'lacks a field that the entry names',
    () => {
      const body = honest()
      return [{ ...body, disclosures: body.disclosures.slice(1) }, putOf(body)]
    },
    'FRAGMENT_FIELDS',
  ],
  [
    'lacks a value that the head signs for',
    () => {
      const body = honest()
      const narrower = { ...body, disclosures: body.disclosures.slice(1) }
      return [narrower, putOf(narrower)]
    },
    'DISCLOSURE_MISSING',
  ],
  [
    'discloses a field twice',
    () => {
      const { disclosures } = honest()
      const again: Disclosure = ['AAAAAAAAAAAAAAAAAAAAAA', 'title', 'another']
      const body = withDisclosures(honest(), [...disclosures, again])
      return [body, putOf(body)]
    },
    'FIELD_REPEATED',
  ],
  [
    'has roles of a field that is not in it',
    () => {
      const body = honest()
      return [body, putOf(body, { roles: { unit_cost: ['contracting'] } })]
    },
    'FRAGMENT_FIELDS',
  ],
  [
    'is of another record',
    () => {
      const body = honest()
      return [body, putOf(body, { record: newRecordId() })]
    },
    'FRAGMENT_IDENTITY',
  ],
  [
    'comes from another originator',
    () => {
      const body = fragmentOf('AUS', { title: 'canary' })
      return [body, putOf(body)]
    },
    'ORIGINATOR',
  ],
  [
    'is of the recipient itself',
    () => {
      const body = fragmentOf('GBR', { title: 'canary' })
      return [body, putOf(body)]
    },
    'ORIGINATOR',
  ],
  ['is missing', () => [null, putOf(honest())], 'FRAGMENT_FORM'],
  [
    'says more than a fragment may',
    () => {
      const body = honest()
      return [{ ...body, comment: 'canary' }, putOf(body)]
    },
    'FRAGMENT_FORM',
  ],
])('case 49: a body that %s is quarantined and reaches no view', (_, make, code) => {
  using gbr = pair()
  const [body, named] = make()
  gbr.send([named], [body])
  expect(gbr.codes()).toEqual([code])
  expect(gbr.state()).toMatchObject({
    held: [],
    view: [],
    text: [],
    feeds: [{ seq: 0, body_seq: 0 }],
  })

  // Its statement stands, the chain goes on, and a later put of that record is admitted.
  const good = fragmentOf('USA', { title: 'good' }, named[1].record)
  gbr.send([putOf(good)], [good])
  expect(gbr.codes()).toEqual([])
  expect(gbr.view.search('good', 5)).toHaveLength(1)
})

test('two bodies that changed places are both refused', () => {
  using gbr = pair()
  const [a, b] = [honest(), honest()]
  gbr.send([putOf(a), putOf(b)], [b, a])
  expect(gbr.codes()).toEqual(['FRAGMENT_DIGEST', 'FRAGMENT_DIGEST'])
  expect(gbr.state()['view']).toEqual([])
})

test('one bad body in a batch keeps no other from the view', () => {
  using gbr = pair()
  const [a, b] = [fragmentOf('USA', { title: 'good' }), honest()]
  gbr.send([putOf(a), putOf(b)], [a, a])
  expect(gbr.codes()).toEqual(['FRAGMENT_DIGEST'])
  expect(gbr.view.list({}).map(({ title }) => title)).toEqual(['good'])
})

test('a put in a statement that narrows and a drop in one that widens are refused', () => {
  using gbr = pair()
  const body = honest()
  gbr.send([putOf(body)], [body], { effect: 'narrow' })
  expect(gbr.codes()).toEqual(['ENTRY_EFFECT'])
  gbr.send([putOf(body)], [body])
  gbr.send([dropOf(body.head.id)], [null], { effect: 'widen' })
  expect(gbr.codes()).toEqual(['ENTRY_EFFECT'])
  expect(gbr.view.search('canary', 5)).toHaveLength(1)
})

test('case 49: a body that no entry names is refused whole', () => {
  using gbr = pair()
  const [named, smuggled] = [honest(), honest()]
  const openings = [putOf(named)]
  expect(
    refusalOf(() => gbr.send(openings, [named, smuggled], {}, [...openings, putOf(smuggled)])),
  ).toBe('ENTRY_UNKNOWN')
  expect(gbr.state()).toMatchObject({ held: [], view: [] })
})

test('a notice hides what it names, and can do nothing else', () => {
  using gbr = pair()
  const { usa } = gbr
  const partner = gbr.partner('USA')
  const [a, b] = [fragmentOf('USA', { title: 'stays' }), fragmentOf('USA', { title: 'goes' })]
  gbr.send([putOf(a), putOf(b)], [a, b])
  const widening = [putOf(honest())]
  const put = usa.log('release', usa.release(widening))
  expect(refusalOf(() => gbr.admission.notice(partner, usa.notice(put, widening)))).toBe(
    'STATEMENT_KIND',
  )

  const drop = [dropOf(b.head.id)]
  const narrowing = usa.log('release', usa.release(drop, { effect: 'narrow' }))
  const forged = { ...usa.notice(narrowing, drop), salt: '0'.repeat(64) }
  expect(refusalOf(() => gbr.admission.notice(partner, forged))).toBe('INCLUSION_ROOT_MISMATCH')
  // A drop that the statement does not name hides nothing.
  gbr.admission.notice(partner, usa.notice(narrowing, [dropOf(a.head.id)]))
  expect(gbr.view.list({})).toHaveLength(2)

  const before = gbr.state()
  gbr.admission.notice(partner, usa.notice(narrowing, drop))
  expect(gbr.view.list({}).map(({ title }) => title)).toEqual(['stays'])
  // It waits for its place in the chain: the head of the feed has not moved, and nothing is deleted.
  expect(gbr.state()).toMatchObject({ feeds: before['feeds'], held: before['held'] })
})

test('a notice of another partner hides nothing here', () => {
  using gbr = pair()
  const body = honest()
  gbr.send([putOf(body)], [body])
  const aus = createHostileSender(federation, 'AUS', 'GBR', atMs)
  const drop = [dropOf(body.head.id)]
  const { feed } = gbr.db.prepare('SELECT feed FROM feed_in').get() as { feed: string }
  const change = { effect: 'narrow', feed, seq: 1, prev: feed }
  const narrowing = aus.log('release', aus.release(drop, change))
  gbr.admission.notice(gbr.partner('AUS'), aus.notice(narrowing, drop))
  expect(
    refusalOf(() => gbr.admission.notice(gbr.partner('USA'), aus.notice(narrowing, drop))),
  ).toBe('NOTE_UNSIGNED')
  expect(gbr.view.search('canary', 5)).toHaveLength(1)
})
