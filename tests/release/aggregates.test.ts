import type { RecordAdd, RunningNode } from '@entente/node'
import { createAggregates, createView } from '@entente/node/testing'
import type { Label } from '@entente/schema'
import { expect, test } from 'vitest'
import { findAll, folderEvidence } from '../support/evidence.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { recordingTransport } from '../support/recording-transport.ts'
import { capability, open, openServing, readRows } from '../support/scenario.ts'
import { openSender } from '../support/sender.ts'

const makers = {
  id: 'makers-by-domain',
  title: 'Makers together',
  from: { kind: 'capability', dataset: 'survey', field: 'rate_max' },
  cells: {
    by: 'domain',
    each: [
      { name: 'Munitions', values: ['ML3'] },
      { name: 'Optics', values: ['ML15'] },
    ],
  },
  contributor: 'supplier',
  k: 3,
  dominance: { largest: '60' },
  measure: 'sum',
  into: { dataset: 'production' },
}
const policy = (edition: number, aggregates: readonly object[]) => ({
  nation: 'USA',
  edition,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'live', title: 'Production' } },
  groups: { PARTNERS: [{ nation: 'GBR', from: '2020-01-01' }] },
  ceilings: { GBR: 'SECRET' },
  bands: {
    rate: {
      levels: [
        { name: 'fine', edges: ['0', '100', '300', '1000', '3000'] },
        { name: 'coarse', edges: ['0', '300', '3000'] },
      ],
    },
  },
  rules: [
    {
      id: 'aggregates',
      effect: 'permit',
      match: { recipient: { in: ['GBR'] }, field: { in: ['title', 'aggregate'] } },
      reasonCode: 'AGGREGATES',
      authority: 'Exercise arrangement',
    },
  ],
  tests: [],
  ...(aggregates.length > 0 && { aggregates }),
})

/** Makers of which a partner must learn no name, title, id or number. */
const maker = (name: string, number: string, domain = 'ML3'): RecordAdd => ({
  ...capability({
    title: `${name} line`,
    supplier: name,
    domain,
    rate_max: { number, unit: 'each', per: 'year' },
  }),
  dataset: 'survey',
})
const said = { author: 'officer', reason: 'survey of May' }

test('a partner receives what several makers can do together, and nothing of any of them', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const sent: Uint8Array[] = []
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'], (nation) => ({
    transport: recordingTransport(federation.folder(nation), ({ direction, bytes }) => {
      if (direction === 'out' && nation === 'USA') sent.push(bytes)
    }),
  }))) as [RunningNode, RunningNode]
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.policyInstall(federation.sign('USA', policy(1, [makers])))
  const made = []
  for (const each of [
    maker('Qorvanetilsam Works', '417773190264'),
    maker('Zephtilemorung Yard', '409137702518'),
    maker('Murndalekviso Foundry', '392416083945'),
    maker('Ostrevikandul Glass', '17', 'ML15'),
  ])
    made.push(await usa.recordAdd(each))
  const ids = made.map(({ id }) => id)
  const [first = ''] = ids

  expect((await usa.status()).needs.aggregates).toBe(true)
  const preview = await usa.aggregatePreview({})
  expect(preview.aggregates[0]?.cells).toMatchObject([
    { cell: 'Munitions', outcome: 'publish', contributors: 3, record: null, label: open },
    { cell: 'Optics', outcome: 'suppress', because: '1 contributor, 3 are needed', value: null },
  ])
  const run = await usa.aggregateRun(said)
  expect((await usa.status()).needs.aggregates).toBe(false)
  const derived = run.aggregates[0]?.cells[0]?.record ?? ''
  const value = {
    measure: 'sum',
    field: 'rate_max',
    cell: 'Munitions',
    value: { from: '3000' },
    unit: 'each per year',
    contributors: { from: '3' },
  }
  const shown = await usa.recordShow(derived)
  expect(shown.envelope).toMatchObject({
    asOf: `${new Date().getUTCFullYear()}-01-01`,
    source: { document: 'aggregate makers-by-domain edition 1' },
    derivedFrom: ids
      .slice(0, 3)
      .sort()
      .map((record) => ({ record, originator: 'USA' })),
  })
  const received = () =>
    readRows(federation.folder('GBR'), 'SELECT record, json FROM held_in').map((row) => ({
      record: row['record'],
      said: (JSON.parse(String(row['json'])) as { disclosures: unknown[][] }).disclosures.map(
        ([, field, what]) => [field, what],
      ),
    }))
  await eventually('GBR has the aggregate', () => received().length === 1)
  expect(received()).toEqual([
    {
      record: derived,
      said: [
        ['aggregate', value],
        ['title', 'Makers together: Munitions'],
      ],
    },
  ])

  // The same again changes nothing; fewer than three changes are kept back, and so is what a person writes into it.
  const again = await usa.aggregateRun(said)
  expect(again.aggregates[0]?.cells[0]).toMatchObject({ outcome: 'keep', record: derived })
  const change = (id: string, number: string) =>
    usa.recordEdit({
      id,
      set: { rate_max: { value: { number, unit: 'each', per: 'year' } } },
      ...said,
    })
  await change(ids[0] ?? '', '417793190264')
  await change(ids[1] ?? '', '409157702518')
  expect((await usa.status()).needs.aggregates).toBe(true)
  expect((await usa.aggregateRun(said)).aggregates[0]?.cells[0]).toMatchObject({
    outcome: 'keep',
    record: derived,
    because: '2 contributors changed since it was published, 3 must',
  })
  await expect(
    usa.recordEdit({ id: derived, set: { aggregate: { value } }, ...said }),
  ).rejects.toThrow(/cannot be written by hand/)
  await usa.recordEdit({ id: derived, set: { title: { value: 'By hand' } }, ...said })
  await eventually(
    'what was written by hand is taken back',
    async () => (await usa.recordShow(derived)).title === 'Makers together: Munitions',
  )

  // A stricter label of one maker binds the aggregate at once, without a run.
  const strict: Label = { ...open, caveats: ['NOFORN'] }
  await usa.recordEdit({ id: first, set: { rate_max: { label: strict } }, ...said })
  await eventually('GBR has it no more', () => received().length === 0)
  expect((await usa.recordShow(derived)).fields['aggregate']?.label).toEqual(strict)

  // A third change lets it be published again: as a record of its own, under the label that the makers are under now.
  await change(ids[2] ?? '', '392436083945')
  const third = await usa.aggregateRun(said)
  expect(third.withdrawn).toEqual([derived])
  expect(third.aggregates[0]?.cells[0]).toMatchObject({ outcome: 'publish', label: strict })
  expect(third.aggregates[0]?.cells[0]?.record).not.toBe(derived)

  // Taken out of the policy, it is withdrawn by itself; back in it, what was published is not forgotten.
  await usa.policyInstall(federation.sign('USA', policy(2, [])))
  await eventually('nothing stands', async () => (await usa.aggregateShow()).length === 0)
  await usa.policyInstall(federation.sign('USA', policy(3, [makers])))
  expect((await usa.aggregateRun(said)).aggregates[0]?.cells[0]).toMatchObject({
    outcome: 'suppress',
    because: 'something new from 0 contributors, 3 are needed',
  })
  // Other cells would be subtracted from these.
  const moved = {
    ...makers,
    cells: { by: 'domain', each: [{ name: 'All', values: ['ML3', 'ML15'] }] },
  }
  await expect(usa.policyInstall(federation.sign('USA', policy(4, [moved])))).rejects.toThrow(
    /AGGREGATE_CHANGED at aggregates\[0\]/,
  )

  // So long that no digest or moment holds one by chance.
  const words = [
    'qorvanetilsam',
    'zephtilemorung',
    'murndalekviso',
    'ostrevikandul',
    '417773190264',
    '409137702518',
    '392416083945',
    '1219326976727',
    ...ids.map((id) => id.slice(12)),
  ]
  const evidence = [
    ...sent.map((bytes, i) => ({ place: `sent ${i}`, bytes })),
    ...folderEvidence(federation.folder('GBR')),
  ]
  expect(findAll(evidence, ['Makers together']).length).toBeGreaterThan(0)
  expect(findAll(evidence, words)).toEqual([])
})

const cells = ['First', 'Second', 'Third']
/** A sender whose aggregate has three cells with three makers each; `beforeCell` is awaited before a run writes a cell. */
async function openMakers(
  federation: ReturnType<typeof createFederation>,
  now = { ms: Date.UTC(2026, 8, 21) },
) {
  const sender = await openSender(federation.folder('USA'), () => now.ms)
  const each = cells.map((name) => ({ name, values: [name] }))
  const install = (edition: number, more = {}, label?: Label) =>
    sender.policies.install(
      federation.sign('USA', {
        ...policy(edition, [{ ...makers, cells: { by: 'domain', each }, ...(label && { label }) }]),
        ...more,
      }),
    )
  const hooks = { beforeCell: async (_cell: string) => {}, read: (_id: string) => {} }
  const ledger: typeof sender.ledger = {
    ...sender.ledger,
    get: (id) => {
      hooks.read(id)
      return sender.ledger.get(id)
    },
    upsert: async (rows, change, options) => {
      for await (const { draft } of rows) await hooks.beforeCell(String(draft.envelope.source.row))
      return sender.ledger.upsert(rows, change, options)
    },
  }
  const aggregates = createAggregates(sender.deps, ledger, createView(sender.db), sender.policies)
  sender.ledger.on((ids) =>
    aggregates.noteChanged(ids.flatMap((id) => sender.ledger.get(id as never) ?? [])),
  )
  const ids: string[] = []
  for (const name of cells)
    for (const who of ['A', 'B', 'C'])
      ids.push((await sender.records.recordAdd(maker(`${who} ${name}`, '400', name))).id)
  const edit = (id: string | undefined, set: object) =>
    sender.records.recordEdit({ id: id ?? '', set, ...said } as never)
  const labelOf = (record: string | null | undefined) =>
    sender.ledger.get((record ?? '') as never)?.fields['aggregate']?.label
  const value = (number: string) => ({ rate_max: { value: { number, unit: 'each', per: 'year' } } })
  const close = async () => {
    await aggregates[Symbol.asyncDispose]()
    await sender[Symbol.asyncDispose]()
  }
  return {
    sender,
    install,
    hooks,
    aggregates,
    ids,
    edit,
    labelOf,
    value,
    [Symbol.asyncDispose]: close,
  }
}

test('narrowing waits for no run, no cell is published under a label that has been narrowed, and a run cut short stays due', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  await using told = await openMakers(federation)
  const { sender, install, hooks, aggregates, ids, edit, labelOf, value } = told
  install(1)
  const due: boolean[] = []
  hooks.beforeCell = async () => void due.push(aggregates.isDue())
  const [first] = (await aggregates.run(said)).aggregates
  expect([...due, aggregates.isDue()]).toEqual([true, true, true, false])

  // The third cell stays as it is; of the second one maker becomes stricter just before it is written.
  for (const id of ids.slice(0, 6)) await edit(id, value('500'))
  const strict: Label = { ...open, caveats: ['NOFORN'] }
  const stands = first?.cells[2]?.record
  let isOver = false
  const done: string[] = []
  hooks.beforeCell = async (cell) => {
    done.push(cell)
    if (cell !== 'First') return
    await edit(ids[8], { rate_max: { label: strict } })
    await edit(ids[5], { rate_max: { label: strict } })
    await eventually(
      'what stands is narrowed',
      async () => labelOf(stands)?.caveats[0] === 'NOFORN',
    )
    expect(isOver).toBe(false)
  }
  const [second] = (await aggregates.run(said)).aggregates
  isOver = true
  expect(done).toEqual(['First', 'Second', 'Second'])
  const made = second?.cells[1]?.record
  expect(second?.cells.map(({ outcome }) => outcome)).toEqual(['publish', 'publish', 'keep'])
  expect(labelOf(made)).toEqual(strict)
  expect(await sender.ledger.history(made as never)).toHaveLength(1)
  expect(aggregates.isDue()).toBe(true)
})

test('an edit of one maker reads no other maker of its cell; one made while no policy is in force makes a run due', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const now = { ms: Date.UTC(2026, 8, 21) }
  await using told = await openMakers(federation, now)
  const { install, hooks, aggregates, ids, edit, value } = told
  install(1, { until: '2027-01-01' })
  const record = (await aggregates.run(said)).aggregates[0]?.cells[0]?.record ?? ''
  const read: string[] = []
  hooks.read = (id) => void read.push(id)
  await edit(ids[0], { description: { value: 'A line', label: open } })
  await eventually('its aggregate is looked at', () => read.includes(record))
  expect(read.filter((id) => ids.includes(id))).toEqual([ids[0]])
  // What a label of the definition stands in place of depends on all of them.
  install(2, { until: '2027-01-01' }, open)
  read.length = 0
  await edit(ids[0], { description: { value: 'Another line', label: open } })
  await eventually('its aggregate is looked at', () => read.includes(record))
  expect(read.filter((id) => ids.includes(id)).sort()).toEqual(ids.slice(0, 3).sort())

  await aggregates.run(said)
  expect(aggregates.isDue()).toBe(false)
  now.ms = Date.UTC(2027, 1, 1)
  await edit(ids[0], value('500'))
  install(3, {}, open)
  expect(aggregates.isDue()).toBe(true)
})
