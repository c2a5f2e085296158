import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { formatLabel, type Json, joinLabels, type Label, type Nation } from '@entente/schema'
import type { Federation } from '../support/federation.ts'
import { importFile } from '../support/import-file.ts'
import type { LabelPlan, NationPlan, PolicyPlan } from './arbitrary.ts'
import {
  atHome,
  ceilings,
  fieldNames,
  type ModelRecord,
  type NationModel,
  newCell,
  note,
  recordDigest,
  secretFields,
  type Treatment,
} from './model.ts'

/** One nation of the story: its node, and what the test knows of it. */
export interface Actor {
  readonly model: NationModel
  readonly plan: NationPlan
  node: RunningNode
  /** What its own side said: previews, status, errors. */
  readonly previews: Map<Nation, unknown[]>
  readonly said: unknown[]
}

const said = (model: NationModel) => ({ author: atHome(model), reason: atHome(model) })

function labelOf({ partners, group }: NationModel, plan: LabelPlan): Label {
  const names = { first: partners[0], second: partners[1], group }
  return {
    classification: plan.classification,
    releasableTo: plan.to.map((name) => names[name]).sort(),
    caveats: [...plan.caveats].sort(),
  }
}
const openLabel = ({ partners }: NationModel): Label => ({
  classification: 'UNCLASSIFIED',
  releasableTo: [...partners].sort(),
  caveats: [],
})

/** Adds the planned records by hand, and one more by importing a file. */
export async function author(actor: Actor, folder: string): Promise<void> {
  const { model, plan, node } = actor
  for (const { dataset, labels } of plan.records) {
    const cells = new Map(
      Object.entries(labels).map(([field, label]) => [
        field,
        newCell(field, labelOf(model, label)),
      ]),
    )
    // No label keeps this one back: only that no rule speaks of it.
    const secret = secretFields[model.nation] ?? ''
    cells.set(secret, newCell(secret, openLabel(model)))
    const record = await node.recordAdd({
      kind: 'capability',
      dataset,
      fields: Object.fromEntries([...cells].map(([field, { value }]) => [field, value])),
      labels: Object.fromEntries([...cells].map(([field, { label }]) => [field, label])),
      ...said(model),
    })
    model.records.push({
      id: record.id,
      dataset,
      cells,
      digests: new Set([recordDigest(record)]),
      pseudonyms: new Map(),
    })
    note(model)
  }
  await importOne(actor, folder)
}

async function importOne({ model, plan, node }: Actor, folder: string): Promise<void> {
  const labels = plan.records[0]?.labels ?? {}
  const cells = new Map(
    (['title', 'supplier', 'rate_max'] as const).map((field) => {
      const label = labels[field]
      return [field, newCell(field, label ? labelOf(model, label) : openLabel(model))] as const
    }),
  )
  const [title, supplier, rate] = ['title', 'supplier', 'rate_max'].map(
    (field) => cells.get(field as 'title')?.needle ?? '',
  )
  const path = join(folder, `${atHome(model)}.csv`)
  writeFileSync(path, `name,maker,rate,row\n${title},${supplier},${rate},${atHome(model)}\n`)
  const from = (field: string, value: object) => ({
    ...value,
    label: formatLabel(cells.get(field as 'title')?.label ?? openLabel(model)),
  })
  const done = await importFile(
    node,
    path,
    {
      mapping: 'canaries',
      edition: 1,
      kind: 'capability',
      dataset: 'production',
      originator: model.nation,
      source: { document: { const: atHome(model) }, row: { column: 'row' } },
      key: ['name'],
      asOf: { const: '2026-01-01' },
      handling: { originator_control: true, onward_release: 'none' },
      labels: {},
      fields: {
        title: from('title', { column: 'name' }),
        supplier: from('supplier', { column: 'maker' }),
        rate_max: from('rate_max', {
          object: { number: { column: 'rate' }, unit: { const: 'each' }, per: { const: 'year' } },
          require: ['number'],
        }),
      },
    },
    said(model),
  )
  if (done.created !== 1) throw new Error(`not imported: ${JSON.stringify(done.refusals)}`)
  const [row] = await node.search({ text: title ?? '' })
  model.records.push({
    id: row?.id ?? '',
    dataset: 'production',
    cells: new Map(cells),
    digests: new Set(),
    pseudonyms: new Map(),
  })
  note(model)
}

/** Puts an edition in force whose every word but the authority is nobody else's business. */
export async function install(
  { model, plan, node }: Actor,
  federation: Federation,
  edition: 1 | 2,
): Promise<void> {
  const rules = plan.policies[edition - 1] as PolicyPlan
  model.treatments = Object.fromEntries(
    model.partners.map((partner, i) => [partner, rules[i] ?? {}]),
  )
  note(model)
  await node.policyInstall(
    federation.sign(model.nation, {
      exercise: atHome(model),
      nation: model.nation,
      edition,
      from: '2020-01-01',
      until: '2099-01-01',
      datasets: {
        production: { mode: 'live', title: atHome(model) },
        needs: { mode: 'manual', title: atHome(model) },
        internal: { mode: 'live', title: atHome(model) },
      },
      groups: { [model.group]: [{ nation: model.partners[0], from: '2020-01-01' }] },
      ceilings: Object.fromEntries(model.partners.map((partner, i) => [partner, ceilings[i]])),
      bands: {
        rate: bandsOf(['0', '10', '100', '1000', '5000', '10000']),
        months: bandsOf(['0', '12', '1000', '5000']),
      },
      rules: model.partners.flatMap((partner, i) => rowsOf(model, partner, rules[i] ?? {})),
      tests: [],
    }),
  )
}

const bandsOf = (edges: readonly string[]) => ({
  levels: [
    { name: 'fine', edges },
    { name: 'coarse', edges: edges.filter((_, i) => i % 2 === 0) },
  ],
})

function rowsOf(model: NationModel, partner: Nation, rules: Readonly<Record<string, Treatment>>) {
  const row = (treatment: Treatment, effect: object) => {
    const fields = fieldNames.filter((field) => rules[field] === treatment)
    if (fields.length === 0) return []
    const match = {
      recipient: { in: [partner] },
      kind: { in: ['capability'] },
      field: { in: fields },
    }
    return [{ id: atHome(model), reasonCode: atHome(model), match, ...effect }]
  }
  const released = { authority: 'Exercise arrangement' }
  const transform = (kind: object) => ({ effect: 'transform', transform: kind, ...released })
  return [
    ...row('permit', { effect: 'permit', ...released }),
    ...row('fine', transform({ kind: 'band', level: 'fine' })),
    ...row('coarse', transform({ kind: 'band', level: 'coarse' })),
    ...row('country', transform({ kind: 'country' })),
    ...row('pseudonym', transform({ kind: 'pseudonym' })),
    ...row('redact', transform({ kind: 'redact' })),
    ...row('deny', { effect: 'deny' }),
    ...row('approve', { effect: 'approve' }),
  ]
}

const pick = (model: NationModel, at: number): ModelRecord =>
  model.records[at % model.records.length] as ModelRecord

/** Writes a new value into a field under the label that it has, or an open one. */
export async function edit({ model, node }: Actor, at: number, field: string): Promise<void> {
  const record = pick(model, at)
  const cell = newCell(field, record.cells.get(field)?.label ?? openLabel(model))
  record.cells.set(field, cell)
  note(model)
  const set = { [field]: { value: cell.value, label: cell.label } }
  const changed = await node.recordEdit({ id: record.id, set, ...said(model) })
  record.digests.add(recordDigest(changed))
}

/** Raises a label so that nobody may have the field, then writes a value under it. */
export async function raise(actor: Actor): Promise<void> {
  const { model, plan, node } = actor
  const { record: at, field } = plan.raise
  const record = pick(model, at)
  const before = record.cells.get(field)
  if (before === undefined) return
  const closed: Label = { classification: 'SECRET', releasableTo: [], caveats: ['NOFORN'] }
  const label = joinLabels(before.label, closed)
  record.cells.set(field, { ...before, label })
  note(model)
  await node.recordEdit({ id: record.id, set: { [field]: { label } }, ...said(model) })
  await edit(actor, at, field)
}

/** Takes a record back, and a partner asks for a dataset no longer; both are then edited all the same. */
export async function withdraw(actor: Actor, leaving: Actor): Promise<void> {
  const { model, node } = actor
  const record = pick(model, 1)
  record.withdrawn = true
  model.unsubscribed.add(leaving.model.nation)
  note(model)
  await node.recordWithdraw({ id: record.id, ...said(model) })
  const dataset = 'production'
  await leaving.node.subscribe({ dataset, from: model.nation, action: 'unsubscribe' })
}

/** Releases whatever waits for a plan; the preview of each partner is taken down first. */
export async function releaseWaiting({ model, node, previews }: Actor): Promise<void> {
  for (const partner of model.partners)
    previews.get(partner)?.push(await node.preview({ recipient: partner }))
  const { plan } = await node.preview({})
  if (plan === null) return
  try {
    await node.run({ plan })
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'PLAN_CHANGED') throw error
  }
}

/** What one partner shows of a record, or null. */
export async function shownBy(node: RunningNode, id: string): Promise<Record<string, Json> | null> {
  try {
    const { fields } = await node.recordShow(id)
    return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]))
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'RECORD_UNKNOWN') throw error
    return null
  }
}
