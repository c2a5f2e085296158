import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportBundle, fitted, noteCatalogueRequest } from '@entente/node/testing'
import { PolicyDocument } from '@entente/policy'
import {
  type Catalogue,
  type Inputs,
  type Nation,
  peekJws,
  signJws,
  statementType,
} from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, type Federation } from '../support/federation.ts'
import { capability, livePolicy, onlyFor, secret } from '../support/scenario.ts'
import { openSender } from '../support/sender.ts'

let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'NOR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

type Sender = Awaited<ReturnType<typeof openSender>>

/** The policy of the tests: three datasets, one of which waits for plans. */
const policyOf = (edition = 1, change: object = {}) => {
  const policy = PolicyDocument.parse(livePolicy('USA', edition))
  const production = {
    mode: 'live',
    title: 'Production of effectors',
    description: 'Who makes what, at which rate',
    steward: 'Industrial base office',
  } as const
  const planned = { mode: 'manual', title: 'Planned buys' } as const
  const black = { mode: 'live', title: 'Black programmes', steward: 'Office X' } as const
  const datasets = { production, planned, black, ...change }
  return federation.sign('USA', { ...policy, datasets, tests: [] })
}

async function asked(nowMs: () => number, ...nations: Nation[]): Promise<Sender> {
  const usa = await openSender(federation.folder('USA'), nowMs)
  usa.policies.install(policyOf())
  for (const nation of nations) usa.db.transact(() => noteCatalogueRequest(usa.deps, nation, true))
  return usa
}

/** Catalogues sealed so far for a nation, oldest first, as they go over the wire. */
const given = (usa: Sender, nation: Nation) =>
  usa.db
    .prepare("SELECT jws FROM statement WHERE kind = 'catalogue' ORDER BY idx")
    .all()
    .map(({ jws }) => peekJws(jws as string).payload as unknown as Catalogue)
    .filter(({ recipient }) => recipient === nation)
const offered = (usa: Sender, nation: Nation) => given(usa, nation).at(-1)?.datasets
const settle = async (usa: Sender) => {
  await usa.releaser.idle()
  return usa.catalogues.seal()
}

test('a catalogue names what may go, under the words of the policy, and nothing of what may not', async () => {
  let now = Date.UTC(2026, 8, 1)
  await using usa = await asked(() => now, 'GBR', 'NOR')
  const add = (dataset: string, title: string, domain: string, labels = {}) =>
    usa.records.recordAdd({ ...capability({ title, domain }, labels), dataset })
  await add('production', 'shells', 'ammunition')
  await add('production', 'mines', 'sea mines', { domain: onlyFor('NOR') })
  await add('planned', 'drones', 'air vehicles')
  await add('black', 'quiet', 'stealth', { title: secret, domain: secret })
  expect(await settle(usa)).toBe(2)
  const production = {
    dataset: 'production',
    title: 'Production of effectors',
    description: 'Who makes what, at which rate',
    steward: 'Industrial base office',
    kinds: ['capability'],
    topics: ['ammunition'],
  }
  // Of what waits for a plan no value goes ahead, not even as a topic.
  const planned = { dataset: 'planned', title: 'Planned buys', kinds: ['capability'], topics: [] }
  expect(offered(usa, 'GBR')).toEqual([planned, production])
  expect(offered(usa, 'NOR')).toEqual([
    planned,
    { ...production, topics: ['ammunition', 'sea mines'] },
  ])
  // Nothing has changed: nothing is said.
  expect(await settle(usa)).toBe(0)
  // How much there is of what is withheld, nobody can tell.
  now += 60_000
  await add('black', 'quieter', 'stealth', { title: secret, domain: secret })
  await add('production', 'more shells', 'ammunition')
  expect(await settle(usa)).toBe(0)
  // What it asks for is another matter: it is offered all the same.
  usa.db.transact(() => noteCatalogueRequest(usa.deps, 'GBR', true))
  expect(await settle(usa)).toBe(1)
  expect(offered(usa, 'GBR')).toEqual([planned, production])
})

test('empty, forbidden and without a policy look the same but for what the policy is', async () => {
  const now = Date.UTC(2026, 8, 1)
  const sizes = await Promise.all(
    [[], [1], [1, 2, 3]].map(async (records) => {
      await using usa = await asked(() => now, 'GBR')
      for (const n of records)
        await usa.records.recordAdd({
          ...capability({ title: `w${n}` }, { title: secret }),
          dataset: 'black',
        })
      await settle(usa)
      const [catalogue] = given(usa, 'GBR')
      return JSON.stringify({ ...catalogue, inputs: '', prev: '', at: 0 }).length
    }),
  )
  expect(new Set(sizes).size).toBe(1)
  await using usa = await openSender(federation.folder('USA'), () => now)
  usa.db.transact(() => noteCatalogueRequest(usa.deps, 'GBR', true))
  await settle(usa)
  expect(offered(usa, 'GBR')).toEqual([])
})

test('what the policy takes back is offered no longer', async () => {
  let now = Date.UTC(2026, 8, 1)
  await using usa = await asked(() => now, 'GBR')
  await usa.records.recordAdd(capability({ title: 'shells', domain: 'ammunition' }))
  await settle(usa)
  expect(offered(usa, 'GBR')).toHaveLength(1)
  now += 1_000
  usa.policies.install(
    federation.sign('USA', {
      ...PolicyDocument.parse(livePolicy('USA', 2)),
      ceilings: {},
      tests: [],
    }),
  )
  expect(await settle(usa)).toBe(1)
  expect(offered(usa, 'GBR')).toEqual([])
})

test('a new field that nobody has marked is marked no lower than the default label of its dataset', async () => {
  await using usa = await openSender(federation.folder('USA'), () => Date.UTC(2026, 8, 1))
  const label = { classification: 'SECRET', caveats: ['NOFORN'] }
  usa.policies.install(policyOf(1, { black: { mode: 'live', title: 'Black', label } }))
  const { author, reason, kind } = capability({})
  const add = { author, reason, kind, dataset: 'black', fields: { title: 'x' } }
  const { id } = await usa.records.recordAdd({ ...add, labels: { title: onlyFor('GBR') } })
  const other = await usa.records.recordAdd({ ...add, fields: { title: 'y' } })
  const labelOf = async (record: string) =>
    (await usa.records.recordShow(record)).fields['title']?.label
  expect(await labelOf(other.id)).toEqual({ ...label, releasableTo: [] })
  // What somebody has marked stands.
  expect(await labelOf(id)).toEqual(onlyFor('GBR'))
})

test('an auditor finds the catalogue that offers more than the policy lets go', async () => {
  const now = Date.UTC(2026, 8, 1)
  await using usa = await asked(() => now, 'GBR')
  await usa.records.recordAdd(capability({ title: 'shells', domain: 'ammunition' }))
  await usa.records.recordAdd({
    ...capability({ title: 'q', domain: 'stealth' }, { title: secret, domain: secret }),
    dataset: 'black',
  })
  await settle(usa)
  const row = usa.db.prepare("SELECT idx, jws FROM statement WHERE kind = 'catalogue'").get()
  const honest = peekJws(row?.['jws'] as string).payload as unknown as Catalogue
  const inputs = JSON.parse(
    usa.db.prepare('SELECT json FROM decision_inputs WHERE idx = ?').get(row?.['idx'] as number)?.[
      'json'
    ] as string,
  ) as Inputs
  expect(inputs.records).toHaveLength(1)
  const findings = () => {
    const directory = join(mkdtempSync(join(tmpdir(), 'entente-catalogue-')), 'bundle')
    const { size, note } = usa.log.head()
    const published = () => ({ size, root: usa.log.head().root, note: note ?? '' })
    exportBundle(
      usa.deps,
      usa.log,
      { published },
      { directory, withContent: true, exercise: undefined },
    )
    return auditOf(federation, [directory], now + 1_000)
      .findings.map(({ code, message }) => `${code} ${message}`)
      .filter((line) =>
        /^(CATALOGUE|DECISION|OVER|INPUTS|SOURCE|RECORD_KEY|LEAF|STATEMENT)/.test(line),
      )
  }
  expect(findings()).toEqual([])
  // The same node, changed: it offers the black dataset, by the same inputs.
  const black = { dataset: 'black', title: 'Black programmes', steward: 'Office X' } as const
  const lie = {
    ...honest,
    seq: honest.seq + 1,
    feed: null,
    prev: null,
    inputs: null,
    policy: null,
    datasets: [...honest.datasets, { ...black, kinds: ['capability'], topics: ['stealth'] }],
  }
  const jws = signJws(statementType('catalogue'), lie, usa.deps.signStatement)
  usa.db.transact(() =>
    usa.log.append([
      { kind: 'catalogue', jws, salt: usa.deps.randomBytes(32), atMs: now, feed: null, seq: null },
    ]),
  )
  expect(findings()).toEqual(
    [
      expect.stringMatching(/^CATALOGUE_OVER .*GBR black, which/),
      expect.stringMatching(/^CATALOGUE_OVER .*GBR production, which/),
    ].reverse(),
  )
})

test('a nation that asks again is answered again, and keeps nobody from what is decided already', async () => {
  const usa = await asked(Date.now, 'GBR')
  await usa.records.recordAdd(capability({ title: 'shells' }))
  await settle(usa)
  const before = given(usa, 'GBR').length
  usa.db.transact(() => noteCatalogueRequest(usa.deps, 'GBR', true))
  expect(usa.db.prepare('SELECT count(*) AS n FROM dirty').get()).toEqual({ n: 0 })
  await settle(usa)
  expect(given(usa, 'GBR').length).toBeGreaterThan(before)
})

test('a nation that gives up its catalogue and asks again by turns has no record decided again, and is offered what may go now', async () => {
  let now = Date.UTC(2026, 8, 1)
  await using usa = await asked(() => now, 'GBR')
  await usa.records.recordAdd(capability({ title: 'shells' }))
  await settle(usa)
  const ask = (isAsked: boolean) =>
    usa.db.transact(() => noteCatalogueRequest(usa.deps, 'GBR', isAsked))
  const dirty = () => usa.db.prepare('SELECT count(*) AS n FROM dirty').get()?.['n']
  for (let i = 0; i < 5; i++) {
    ask(false)
    ask(true)
    expect(dirty()).toBe(0)
  }
  await settle(usa)
  ask(false)
  const before = given(usa, 'GBR').length
  await usa.records.recordAdd({ ...capability({ title: 'drones' }), dataset: 'planned' })
  expect(await settle(usa)).toBe(0)
  expect(given(usa, 'GBR')).toHaveLength(before)
  ask(true)
  expect(dirty()).toBe(0)
  expect(await settle(usa)).toBe(1)
  expect(offered(usa, 'GBR')?.map(({ dataset }) => dataset)).toEqual(['planned', 'production'])
  // Given up for good, it is forgotten with the next record that is decided.
  ask(false)
  now += 3_600_000
  await usa.records.recordAdd(capability({ title: 'mines' }))
  await settle(usa)
  expect(usa.db.prepare('SELECT count(*) AS n FROM offer').get()).toEqual({ n: 0 })
  ask(true)
  expect(dirty()).toBe(3)
})

test('what came while a nation was cut off is decided for it once it is paired anew, whether or not it asks again', async () => {
  const now = Date.UTC(2026, 8, 1)
  const path = join(mkdtempSync(join(tmpdir(), 'entente-cut-')), 'entente.db')
  const open = (without?: Nation) =>
    openSender(federation.folder('USA'), () => now, { path, ...(without && { without }) })
  const held = async (usa: Sender) => {
    await usa.releaser.idle()
    return usa.db.prepare("SELECT count(*) AS n FROM held WHERE recipient = 'GBR'").get()?.['n']
  }
  {
    await using usa = await open()
    usa.policies.install(policyOf())
    usa.subscribe('GBR', 'production')
    await usa.records.recordAdd(capability({ title: 'before' }))
    expect(await held(usa)).toBe(1)
  }
  {
    await using usa = await open('GBR')
    await usa.records.recordAdd(capability({ title: 'meanwhile' }))
    await usa.releaser.idle()
  }
  await using usa = await open()
  usa.subscribe('GBR', 'production')
  usa.releaser.wake()
  expect(await held(usa)).toBe(2)
})

test('a catalogue that would not fit in a statement names less', () => {
  const dataset = (i: number, topics: number) => ({
    dataset: `dataset-${i}`,
    title: `Dataset ${i}`,
    description: 'δ'.repeat(900),
    kinds: ['capability' as const],
    topics: Array.from({ length: topics }, (_, at) => `θέμα ${at} `.repeat(8)),
  })
  const size = (all: unknown) => Buffer.byteLength(JSON.stringify(all))
  expect(fitted([dataset(1, 2)])).toEqual([dataset(1, 2)])
  const many = fitted(Array.from({ length: 100 }, (_, i) => dataset(i, 100)))
  expect(many).toHaveLength(100)
  expect(size(many)).toBeLessThan(80_000)
  const [few] = fitted([dataset(1, 5_000)])
  expect(few).toMatchObject({ description: 'δ'.repeat(900), topics: [] })
})
