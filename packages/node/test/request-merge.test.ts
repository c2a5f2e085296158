import { hash } from 'node:crypto'
import { digestOf, type RequestBody, type Statement } from '@entente/schema'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { createRequestApi, type RequestContext } from '../src/api/request-api.ts'
import { ledgerTables } from '../src/ledger/ledger.ts'
import { createRequestStore, requestTables } from '../src/requests/request-store.ts'
import { analyst, openLedger, released, supplier } from './ledger-fixture.ts'

/** A node that is asked to change the name of a supplier, and is cut off when it is about to note what was said of it. */
async function openAsked(lostDecisions: number) {
  const db = openDatabase(':memory:', [ledgerTables, requestTables])
  const ledger = await openLedger(db)
  const own = await ledger.add(supplier('Borealis'), analyst)
  const deps = {
    db,
    clock: { nowMs: () => Date.UTC(2026, 0, 1) },
    nation: 'USA',
    roster: { members: new Map(), witnessPolicy: {} },
    hash: (bytes: Uint8Array) => hash('sha256', bytes, 'buffer'),
    fragmentKey: new Uint8Array(32),
    partners: new Map(),
  } as unknown as RequestContext['deps']
  const store = createRequestStore(deps)
  let lost = lostDecisions
  const requests: typeof store = {
    ...store,
    decide: (id, said) => {
      if (lost-- > 0) throw new Error('cut off')
      store.decide(id, said)
    },
  }
  const body: RequestBody = {
    ask: 'change',
    salt: 'A'.repeat(22),
    by: 'J. Smith',
    reason: 'it has another name',
    record: own.id,
    field: 'legal_name',
    head: digestOf('head'),
    base: digestOf('what they hold'),
    value: 'Borealis AS',
  }
  const ask = (name: string) =>
    store.take('NOR', digestOf(name), { ask: 'change', at: 0 } as Statement<'request'>, body)
  ask('asked')
  const api = createRequestApi(
    {
      deps,
      ledger,
      requests,
      log: { nextAtMs: () => 0, append: () => {}, noteHead: () => {} },
      policies: { at: () => null },
      releaser: { planner: { plan: () => ({ composition: { fragment: null } }) }, wake: () => {} },
      sealed: () => {},
      answersChanged: () => {},
    } as unknown as RequestContext,
    () => {},
  )
  const merge = (over: boolean) =>
    api.requestAnswer({
      id: store.all().at(-1)?.id ?? 0,
      decision: 'approve',
      by: 'A. Nalyst',
      reason: 'they are right',
      over,
    })
  return { ledger, id: own.id, store, merge, ask }
}

test('a merge that was cut off before it was noted is said again without a second edit, and is no conflict', async () => {
  const { ledger, id, store, merge } = await openAsked(1)
  await expect(merge(true)).rejects.toThrow('cut off')
  expect(ledger.get(id)?.fields['legal_name']?.value).toBe('Borealis AS')
  expect(store.all()[0]?.decided).toBeNull()
  const writes = (await ledger.history(id)).length
  expect(await merge(false)).toMatchObject({ decided: 'approve' })
  expect(await ledger.history(id)).toHaveLength(writes)
})

test('what an analyst has written over a merge that was cut off stays', async () => {
  const { ledger, id, merge } = await openAsked(1)
  await expect(merge(true)).rejects.toThrow('cut off')
  await ledger.edit(id, { set: { legal_name: { value: 'Boreal', label: released } } }, analyst)
  expect(await merge(false)).toMatchObject({ decided: 'approve' })
  expect(ledger.get(id)?.fields['legal_name']?.value).toBe('Boreal')
})

test('the same value written by somebody else is no merge: what stands has changed, and that is said', async () => {
  const { ledger, id, merge } = await openAsked(0)
  await ledger.edit(id, { set: { legal_name: { value: 'Borealis AS' } } }, analyst)
  await ledger.edit(id, { set: { legal_name: { value: 'Boreal' } } }, analyst)
  await expect(merge(false)).rejects.toMatchObject({ code: 'BASE_CHANGED' })
})

test('the same person may suggest the same value again after the owner has set it back: each suggestion is taken in by itself', async () => {
  const { ledger, id, merge, ask } = await openAsked(0)
  await merge(true)
  await ledger.edit(id, { set: { legal_name: { value: 'Borealis' } } }, analyst)
  ask('asked again')
  await expect(merge(false)).rejects.toMatchObject({ code: 'BASE_CHANGED' })
  expect(await merge(true)).toMatchObject({ decided: 'approve' })
  expect(ledger.get(id)?.fields['legal_name']?.value).toBe('Borealis AS')
  await ledger.edit(id, { set: { legal_name: { value: 'Borealis' } } }, analyst)
  expect((await ledger.history(id)).flatMap(({ suggestion }) => suggestion ?? [])).toEqual([
    digestOf('asked'),
    digestOf('asked again'),
  ])
})
