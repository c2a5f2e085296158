import { join } from 'node:path'
import type { Audited } from '@entente/audit'
import {
  authorsOf,
  exportBundle,
  forgetDecisions,
  readLeaf,
  restoreReleases,
  sealRecall,
} from '@entente/node/testing'
import type { Fragment, Inputs, Json, Label, Nation } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditedOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, open } from '../support/scenario.ts'
import { openSender } from '../support/sender.ts'

const september = Date.UTC(2026, 8, 21)
const october = Date.UTC(2026, 9, 1)
const november = Date.UTC(2026, 10, 1)
const by = { author: 'analyst', reason: 'a test of bands' }
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'NOR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

const monthly = { every: 'month', margin: '5' }
const row = (id: string, nation: Nation, more: object) => ({
  id,
  match: { recipient: { in: [nation] }, kind: { in: ['capability'] } },
  effect: 'permit',
  reasonCode: id,
  authority: 'exercise',
  ...more,
})
const band = (nation: Nation, level: 'fine' | 'coarse') =>
  row(`${level}-bands`, nation, {
    match: { recipient: { in: [nation] }, field: { in: ['rate_max'] } },
    effect: 'transform',
    transform: { kind: 'band', level },
  })
/** NOR has rates in fine bands, GBR in coarse ones. */
const policy = (edition: number, reband?: typeof monthly, mode = 'live') => ({
  nation: 'USA',
  edition,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode, title: 'Production' } },
  groups: { PARTNERS: ['GBR', 'NOR'].map((nation) => ({ nation, from: '2020-01-01' })) },
  ceilings: { GBR: 'SECRET', NOR: 'SECRET' },
  bands: {
    rate: {
      levels: [
        { name: 'fine', edges: ['10', '30', '100', '300', '1000'] },
        { name: 'coarse', edges: ['10', '100', '1000'] },
      ],
      ...(reband && { reband }),
    },
  },
  rules: [row('gbr', 'GBR', {}), row('nor', 'NOR', {}), band('NOR', 'fine'), band('GBR', 'coarse')],
  tests: [],
})

const rate = (number: string): Json => ({ number, unit: 'each', per: 'year' })

/** The USA with one record, of which NOR, and others as they ask, have the rate in bands. */
async function openUsa(first = policy(1, monthly), nations: readonly Nation[] = ['GBR', 'NOR']) {
  const clock = { nowMs: september }
  const usa = await openSender(federation.folder('USA'), () => clock.nowMs)
  const { db, records, releaser } = usa
  usa.policies.install(federation.sign('USA', first))
  for (const nation of nations) usa.subscribe(nation, 'production')
  const { id } = await records.recordAdd(capability({ title: 'Beacon', rate_max: rate('25') }))
  const settle = async (atMs: number) => {
    clock.nowMs = atMs
    await releaser.idle()
  }
  await settle(september)
  const say = async (number: string | null, atMs: number, label?: Label) => {
    clock.nowMs = atMs
    const set =
      number === null ? {} : { rate_max: { value: rate(number), ...(label && { label }) } }
    await records.recordEdit({ id, set, ...(number === null && { unset: ['rate_max'] }), ...by })
    await settle(atMs)
  }
  /** Bands as the latest body that lies ready has them. */
  const seen = (nation: Nation): string => {
    const [body] = db
      .prepare(
        'SELECT body FROM entry_out JOIN feed_out USING (feed) WHERE recipient = ? AND body IS NOT NULL',
      )
      .all(nation)
    const fragment = JSON.parse((body?.['body'] as string | undefined) ?? 'null') as Fragment | null
    const value = fragment?.disclosures.find(([, field]) => field === 'rate_max')?.[2]
    const { from, to } =
      (value as { number: { from: string; to?: string } } | undefined)?.number ?? {}
    return value === undefined ? 'nothing' : `${from}-${to ?? ''}`
  }
  const bands = () => ({ GBR: seen('GBR'), NOR: seen('NOR') })
  const releases = () => db.prepare('SELECT count(*) AS n FROM entry_out').get()?.['n'] as number
  return { ...usa, clock, id, settle, say, seen, bands, releases }
}
type Usa = Awaited<ReturnType<typeof openUsa>>

let count = 0
/** What an auditor finds, but for the cosignatures that no witness gave here. */
function findingsOf({ db, deps, log, clock }: Usa): Audited['report']['findings'] {
  const directory = join(federation.root, `bundle-${count++}`)
  const published = () => ({
    size: log.head().size,
    note: db.prepare('SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1').get()?.[
      'note'
    ] as string,
  })
  db.exec('UPDATE checkpoint SET published_ms = 1')
  const request = { directory, withContent: true, exercise: undefined }
  exportBundle(deps, log, { published }, request)
  return auditedOf(federation, [directory], clock.nowMs + 1).report.findings.filter(
    ({ code }) => code !== 'QUORUM_NOT_MET',
  )
}

describe('a band that is made anew each month', () => {
  test('stays when its value crosses an edge, and goes by itself at the first of the month', async () => {
    await using usa = await openUsa()
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
    const before = usa.releases()
    await usa.say('150', september + 1000)
    await usa.say('400', september + 2000)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
    // Another field goes meanwhile, and takes no band with it.
    const set = { description: { value: 'new', label: open } }
    await usa.records.recordEdit({ id: usa.id, set, ...by })
    await usa.settle(october - 30)
    expect(usa.releases()).toBe(before + 2)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
    // Nobody wakes it: its own timer does.
    usa.clock.nowMs = october
    await eventually('the month has begun', () => usa.seen('NOR') === '300-1000', 5_000)
    await usa.settle(october)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
    await usa.say('20', october + 1)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('does not move for a value within the margin, and is of what it is on the day, not of the way there', async () => {
    await using usa = await openUsa()
    await usa.say('31', september + 1)
    await usa.settle(october)
    expect(usa.seen('NOR')).toBe('10-30')
    await usa.say('900', october + 1)
    await usa.say('29', november - 1)
    const before = usa.releases()
    await usa.settle(november)
    expect(usa.releases()).toBe(before)
    expect(usa.db.prepare('SELECT left_ms, due_ms FROM band_standing').all()).toEqual([
      { left_ms: null, due_ms: null },
    ])
    expect(findingsOf(usa)).toEqual([])
  })

  test('begins with what a nation holds when the policy first says so', async () => {
    await using usa = await openUsa(policy(1))
    await usa.say('50', september + 1)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '30-100' })
    await usa.say('60', september + 2)
    usa.policies.install(federation.sign('USA', policy(2, monthly)))
    const before = usa.releases()
    await usa.settle(september + 3)
    expect(usa.releases()).toBe(before)
    await usa.say('500', september + 4)
    expect(usa.releases()).toBe(before)
    await usa.settle(october)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('is the same for a nation that comes later, though its value is another by then', async () => {
    await using usa = await openUsa(policy(1, monthly), ['NOR'])
    await usa.say('500', september + 1)
    usa.subscribe('GBR', 'production')
    await usa.settle(september + 2)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('moves for nobody in the middle of a month because somebody was paused at its beginning', async () => {
    await using usa = await openUsa()
    await usa.say('50', september + 1)
    usa.db.exec("INSERT INTO paused(nation) VALUES ('NOR')")
    // For GBR the coarse band is the same, and NOR waits: nothing goes at the moment.
    await usa.settle(october)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
    await usa.say('500', october + 1)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
    usa.db.exec('DELETE FROM paused')
    await usa.settle(october + 2)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
    await usa.settle(november)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('is dropped at once with its value, and begins anew when that comes back', async () => {
    await using usa = await openUsa()
    await usa.say(null, september + 1)
    expect(usa.db.prepare('SELECT * FROM band_standing').all()).toEqual([])
    expect(usa.db.prepare('SELECT fields FROM held ORDER BY recipient').all()).toEqual([
      { fields: '{"title":"exact"}' },
      { fields: '{"title":"exact"}' },
    ])
    await usa.say('500', september + 2, open)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('is left at the beginning of a month, not before, by a value that no band fits', async () => {
    await using usa = await openUsa()
    await usa.say('5', september + 1)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
    await usa.settle(october)
    expect(JSON.stringify(usa.db.prepare('SELECT fields FROM held').all())).not.toContain('rate')
    await usa.say('50', october + 1)
    expect(JSON.stringify(usa.db.prepare('SELECT fields FROM held').all())).not.toContain('rate')
    await usa.settle(november)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '30-100' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('is not sent beside another unit than its own, until the month ends', async () => {
    const base = policy(1, monthly)
    const count = { levels: base.bands.rate.levels, reband: monthly }
    const gaps = {
      ...row('gaps', 'NOR', {}),
      match: { recipient: { in: ['NOR'] }, kind: { in: ['gap'] } },
    }
    const short = {
      ...band('NOR', 'fine'),
      id: 'short-in-bands',
      match: { recipient: { in: ['NOR'] }, field: { in: ['quantity_short'] } },
    }
    await using usa = await openUsa(
      { ...base, bands: { ...base.bands, count }, rules: [...base.rules, gaps, short] } as never,
      ['NOR'],
    )
    const fields = { title: 'Gap', quantity_short: '500', unit: 'pieces' }
    const { id } = await usa.records.recordAdd({ ...capability(fields), kind: 'gap' })
    const said = () => {
      const held = "SELECT fields FROM held WHERE recipient = 'NOR' AND record = ?"
      return JSON.parse(usa.db.prepare(held).get(id)?.['fields'] as string) as unknown
    }
    await usa.settle(september + 1)
    expect(said()).toEqual({ title: 'exact', quantity_short: 'fine', unit: 'exact' })
    const set = { quantity_short: { value: '50' }, unit: { value: 'crates of 10' } }
    await usa.records.recordEdit({ id, set, ...by })
    await usa.settle(september + 2)
    expect(said()).toEqual({ title: 'exact', unit: 'exact' })
    await usa.settle(october)
    expect(said()).toEqual({ title: 'exact', quantity_short: 'fine', unit: 'exact' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('waits for the clock where it was set back, and goes with the plan that an officer runs', async () => {
    await using usa = await openUsa(policy(1, monthly, 'manual'))
    const run = async () => usa.releaser.run(usa.releaser.plan({}).digest ?? '')
    await run()
    await usa.say('50', september + 1)
    await usa.settle(october - 1)
    expect(usa.releaser.plan({}).changes).toEqual([])
    await usa.settle(october)
    await usa.settle(september + 2)
    expect(usa.releaser.plan({}).changes).toEqual([])
    await usa.settle(october + 1)
    await usa.say('500', october + 2)
    await run()
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
    expect(findingsOf(usa)).toEqual([])
  })
})

describe('what stands', () => {
  const stands = ({ db }: Usa) =>
    db
      .prepare('SELECT field, version, at_ms FROM band_standing')
      .all()
      .map((each) => ({ ...each }))

  /** Puts back what a node keeps of releases, through the form that the backup has on disk. */
  function recover({ deps, db, log }: Usa, leaves = leavesOf({ deps, log })) {
    const tables = ['feed_out', 'entry_out', 'held', 'source_version', 'decision_inputs']
    for (const table of [...tables, 'recall_out', 'recalled_out', 'band_standing'])
      db.exec(`DELETE FROM ${table}`)
    db.exec('DELETE FROM policy_edition')
    db.transact(() => restoreReleases(deps, JSON.parse(JSON.stringify(leaves))))
    db.exec('INSERT OR IGNORE INTO dirty SELECT id FROM record')
  }
  const leavesOf = ({ deps, log }: Pick<Usa, 'deps' | 'log'>, from = 0) =>
    Array.from({ length: log.head().size - from }, (_, i) => readLeaf(deps, from + i))

  test('comes back from a backup with the log, and no band moves for want of it', async () => {
    await using usa = await openUsa()
    await usa.say('500', september + 1)
    const set = { description: { value: 'new', label: open } }
    await usa.records.recordEdit({ id: usa.id, set, ...by })
    await usa.settle(september + 2)
    const before = { stands: stands(usa), bands: usa.bands(), releases: usa.releases() }
    recover(usa)
    expect(stands(usa)).toEqual(before.stands)
    await usa.settle(september + 3)
    expect(usa.releases()).toBe(before.releases)
    await usa.settle(october)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('comes back from a backup though an older one was recalled', async () => {
    await using usa = await openUsa()
    const [nor] = usa.db
      .prepare("SELECT idx FROM entry_out JOIN feed_out USING (feed) WHERE recipient = 'NOR'")
      .all()
    const early = leavesOf(usa)
    sealRecall(usa.deps, usa.log, { index: nor?.['idx'] as number, purge: true, reason: 'wrong' })
    await usa.say('500', september + 1)
    const next = leavesOf(usa, early.length)
    await usa.say('50', october + 1)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: 'nothing' })
    const before = { stands: stands(usa), releases: usa.releases() }
    expect(before.stands).toMatchObject([{ at_ms: september + 1 }])
    recover(usa, [...early, ...next])
    expect(stands(usa)).toEqual(before.stands)
    await usa.settle(october + 2)
    expect(usa.releases()).toBe(before.releases)
    await usa.settle(november)
    expect(usa.bands()).toEqual({ GBR: '10-100', NOR: 'nothing' })
    expect(findingsOf(usa)).toEqual([])
  })

  test.each(['then', 'after the next edit'])(
    'does not come back with a value that was taken out, backed up %s',
    async (when) => {
      await using usa = await openUsa()
      const early = leavesOf(usa)
      await usa.say(null, september + 1)
      const then = leavesOf(usa, early.length)
      const set = { rate_max: { value: rate('500'), label: open } }
      await usa.records.recordEdit({ id: usa.id, set, ...by })
      recover(usa, [...early, ...(when === 'then' ? then : leavesOf(usa, early.length))])
      expect(stands(usa)).toEqual([])
      await usa.settle(september + 2)
      expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
      if (when === 'then') expect(findingsOf(usa)).toEqual([])
    },
  )

  test('is the present value, for good, where the backup has lost the version', async () => {
    await using usa = await openUsa()
    await usa.say('500', september + 1)
    recover(
      usa,
      leavesOf(usa).map((leaf) => ({ ...leaf, sources: [] })),
    )
    await usa.settle(september + 2)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
    await usa.say('50', september + 3)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: '300-1000' })
  })

  test('is forgotten with what is recalled: it goes to nobody again', async () => {
    await using usa = await openUsa()
    await usa.say('500', september + 1)
    const [nor] = usa.db
      .prepare("SELECT idx FROM entry_out JOIN feed_out USING (feed) WHERE recipient = 'NOR'")
      .all()
    sealRecall(usa.deps, usa.log, { index: nor?.['idx'] as number, purge: true, reason: 'wrong' })
    await usa.settle(september + 2)
    expect(usa.bands()).toEqual({ GBR: '100-1000', NOR: 'nothing' })
    expect(findingsOf(usa)).toEqual([])
  })

  test('is forgotten with leaves that are erased, and kept while another release names it', async () => {
    await using usa = await openUsa()
    await usa.say('500', september + 1)
    const { db, deps } = usa
    const [first, second] = db.prepare('SELECT idx FROM decision_inputs ORDER BY idx').all()
    const erase = (row: typeof first) =>
      db.transact(() => forgetDecisions(deps, [row?.['idx'] as number]))
    const before = stands(usa)
    erase(first)
    expect(stands(usa)).toEqual(before)
    erase(second)
    expect(stands(usa)).toEqual([])
    expect(db.prepare('SELECT * FROM source_version').all()).toEqual([])
    expect(db.prepare('SELECT record FROM dirty').all()).toHaveLength(1)
  })

  test('is approved by nobody who wrote it, nor what is there now', async () => {
    await using usa = await openUsa()
    const set = { rate_max: { value: rate('500') } }
    await usa.records.recordEdit({ id: usa.id, set, author: 'second', reason: 'measured' })
    const { deps, ledger } = usa
    const of = async () => (await authorsOf(deps, ledger, [usa.id])).get(usa.id)
    expect(await of()).toMatchObject({ rate_max: ['analyst', 'second'], title: ['analyst'] })
    await usa.settle(october)
    expect(await of()).toMatchObject({ rate_max: ['second'] })
  })

  test('is forgotten with the record', async () => {
    await using usa = await openUsa()
    await usa.records.recordWithdraw({ id: usa.id, ...by })
    await usa.settle(september + 1)
    usa.db.exec('DELETE FROM record')
    usa.db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(usa.id)
    await usa.settle(september + 2)
    expect(stands(usa)).toEqual([])
  })
})

test('an auditor is told what each band was made from, and finds what was made from something else', async () => {
  await using usa = await openUsa()
  await usa.say('150', september + 1)
  await usa.settle(october)
  const rows = usa.db.prepare('SELECT json FROM decision_inputs ORDER BY idx').all()
  const inputs = rows.map(({ json }) => JSON.parse(json as string) as Inputs)
  expect(inputs.map(({ bands }) => bands?.map(([, field, , sinceMs]) => [field, sinceMs]))).toEqual(
    [
      [['rate_max', september]],
      [['rate_max', september]],
      [['rate_max', october]],
      [['rate_max', october]],
    ],
  )
  // The state of the node is changed behind its back: the next value goes before its time.
  usa.db.exec('DELETE FROM band_standing')
  await usa.say('20', october + 1)
  expect(usa.bands()).toEqual({ GBR: '10-100', NOR: '10-30' })
  expect(findingsOf(usa)).toMatchObject([
    { code: 'BAND_STANDING', message: expect.stringMatching(/before the next scheduled moment/) },
  ])
})
