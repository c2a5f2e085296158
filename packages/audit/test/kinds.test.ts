import { statementKinds } from '@entente/schema'
import { expect, test } from 'vitest'
import { renderText, verifyBundles } from '../src/index.ts'
import {
  append,
  appendToFeed,
  decideOn,
  deliver,
  digestText,
  EPOCH,
  hand,
  publish,
  putRegister,
  row,
} from './bundle-builder.ts'
import { sayJoint } from './joint-lies.ts'
import { platformVerify } from './keys.ts'
import { bundlesOf, type Told, tell } from './story.ts'

/** Says one statement of every kind that the story itself does not need. */
function sayAll(told: Told): void {
  const { federation, usa, gbr, nor, sent } = told
  const digest = digestText('something')
  const place = { feed: sent[0]?.feed, seq: 0, statement: digestText(sent[0]?.jws ?? '') }
  const feed = (kind: Parameters<typeof appendToFeed>[2], payload: Record<string, unknown>) =>
    appendToFeed(federation, usa, kind, { recipient: 'NOR', ...payload })
  // Before a register is in force, which it would have to be decided with.
  sayJoint(told)
  decideOn(federation, usa, 'approve', digest)
  decideOn(federation, usa, 'deny', digest)
  putRegister(federation, usa)
  append(federation, usa, 'deny', { recipient: 'GBR', about: digest, code: 'NOT_RELEASABLE' })
  append(federation, usa, 'witness-policy', { number: 1, digest })
  append(federation, usa, 'pad', {})
  const record = `urn:entente:${'a'.repeat(32)}`
  const word = { nation: 'USA', records: [record], purge: true, reason: 'laptop stolen' }
  const { jws: seal } = append(federation, usa, 'nation-recall', word)
  row(usa, 'root-recalls.jsonl', { seal })
  feed('releaser', {
    dataset: 'items',
    from: usa.keys.node.base64url,
    to: usa.keys.node.base64url,
    head: null,
  })
  feed('catalogue-request', { action: 'subscribe' })
  feed('catalogue', { policy: null, datasets: [], inputs: null })
  const partner = { partner: 'CAN', root: usa.keys.root.base64url, reason: 'an exercise' }
  append(federation, usa, 'partner', { action: 'revoke', ...partner })
  feed('subscribe', { dataset: 'items', action: 'subscribe' })
  const recall = { dataset: 'capabilities', release: place, entries: [], purge: true, reason: '' }
  hand(federation, usa, nor, feed('recall', recall))
  feed('purge', { recall: place, purged: 0 })
  feed('consent', { action: 'withdraw', consent: digest, release: null, request: null })
  feed('answer', { about: digest, decision: 'deny', arrived: EPOCH - 3 * 3_600_000 })
  const asked = feed('request', { ask: 'change', body: digest })
  publish(federation, usa)
  deliver(usa, nor, asked)
  append(federation, nor, 'deny', {
    recipient: 'USA',
    about: digestText(asked.jws),
    code: 'NOT_RELEASABLE',
  })
  federation.now += 3 * 3_600_000
  publish(federation, nor)
  publish(federation, gbr)
}

/** Kinds that the owners of keys and of the ways out of trouble check, beside their rules. */
const elsewhere = new Set(['key', 'handover', 'erase', 'reset'])

test('every kind of statement is opened, counted and put in its feed', () => {
  const told = tell({ late: sayAll })
  const { roster, now } = told.federation
  const report = verifyBundles(bundlesOf(told), {
    roster,
    verify: platformVerify,
    atMs: now + 60_000,
  })
  expect(report.findings).toEqual([])
  const kinds = Object.keys(report.nations['USA']?.statements ?? {})
  expect(kinds.sort()).toEqual(statementKinds.filter((kind) => !elsewhere.has(kind)).sort())
  expect(report.nations['USA']?.leaves).toBe(report.nations['USA']?.size)
  expect(renderText(report)).toContain('2 deny')
})
