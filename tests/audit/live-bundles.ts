import { join } from 'node:path'
import { loadOwn, type RunningNode, verifyEd25519 } from '@entente/node'
import { type Nation, openRoster, type Roster } from '@entente/schema'
import { createFederation, eventually } from '../support/federation.ts'
import { inSync, openServing } from '../support/scenario.ts'
import { type Draft, readDraft } from './draft.ts'
import type { LiarKeys } from './recast.ts'

/** What three live nodes have exported after a true story. */
export interface LiveBundles {
  /** GBR, NOR, USA. */
  readonly drafts: readonly Draft[]
  /** The bundle of the USA from before its second policy. */
  readonly early: Draft
  readonly roster: Roster
  readonly keysOf: (nation: Nation) => LiarKeys
  readonly records: Readonly<Record<'alpha' | 'bravo' | 'charlie', string>>
}

const nations = ['GBR', 'NOR', 'USA'] as const

/** Names and makers to both; rates to GBR in bands; lead times to NOR in the first edition alone. */
const policy = (edition: 1 | 2) => {
  const row = (id: string, to: string[], field: string[], effect: object) => ({
    id,
    match: { recipient: { in: to }, kind: { in: ['capability'] }, field: { in: field } },
    reasonCode: id,
    authority: 'Exercise arrangement',
    ...effect,
  })
  const permit = { effect: 'permit' }
  return {
    nation: 'USA',
    edition,
    from: '2020-01-01',
    until: '2099-01-01',
    datasets: { production: { mode: 'live', title: 'Production' } },
    groups: {},
    ceilings: { GBR: 'SECRET', NOR: 'SECRET' },
    bands: {
      rate: {
        levels: [
          { name: 'fine', edges: ['0', '100', '1000', '10000'] },
          { name: 'coarse', edges: ['0', '1000'] },
        ],
      },
    },
    rules: [
      row('names', ['GBR', 'NOR'], ['title', 'supplier'], permit),
      row('rates', ['GBR'], ['rate_max'], {
        effect: 'transform',
        transform: { kind: 'band', level: 'fine' },
      }),
      ...(edition === 1 ? [row('lead-times', ['NOR'], ['lead_time'], permit)] : []),
    ],
    tests: [],
  }
}

const said = { author: 'analyst', reason: 'exercise' }
const label = { classification: 'RESTRICTED', releasableTo: ['GBR', 'NOR'], caveats: [] } as const

/** Two partners ask the USA for its production; it releases, edits, narrows its policy, withdraws. All then export. */
export async function liveBundles(): Promise<LiveBundles> {
  await using federation = createFederation(nations)
  const [gbr, nor, usa] = (await openServing(federation, nations)) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  const addOne = async (title: string): Promise<string> => {
    const fields = {
      title,
      supplier: `maker of ${title}`,
      rate_max: { number: '1440', unit: 'each', per: 'year' },
      lead_time: { total: '12', unit: 'months' },
      domain: 'munitions',
    }
    const labels = Object.fromEntries(Object.keys(fields).map((field) => [field, label]))
    const kind = 'capability'
    return (await usa.recordAdd({ kind, dataset: 'production', fields, labels, ...said })).id
  }
  const fieldsAt = async (node: RunningNode, id: string): Promise<string> => {
    const shown = await node.recordShow(id).catch(() => null)
    return Object.keys(shown?.fields ?? {})
      .sort()
      .join()
  }
  const bundleOf = async (node: RunningNode, name: string): Promise<Draft> => {
    const directory = join(federation.root, 'bundles', name)
    await node.auditExport({ directory, withContent: true })
    return readDraft(directory)
  }
  const allInSync = () => Promise.all([inSync(usa, 'GBR'), inSync(usa, 'NOR'), inSync(gbr, 'USA')])

  await usa.policyInstall(federation.sign('USA', policy(1)))
  for (const node of [gbr, nor])
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const records = {
    alpha: await addOne('Alpha'),
    bravo: await addOne('Bravo'),
    charlie: await addOne('Charlie'),
  }
  await eventually('both have all', async () => {
    const rows = await Promise.all(
      Object.values(records).flatMap((id) => [fieldsAt(gbr, id), fieldsAt(nor, id)]),
    )
    const wanted = ['rate_max,supplier,title', 'lead_time,supplier,title']
    return rows.every((fields, i) => fields === wanted[i % 2])
  })
  await allInSync()
  const early = await bundleOf(usa, 'early')

  const supplier = { value: 'another maker' }
  await usa.recordEdit({ id: records.alpha, set: { supplier }, ...said })
  await eventually('GBR has the edit', async () => {
    const { fields } = await gbr.recordShow(records.alpha)
    return fields['supplier']?.value === supplier.value
  })
  await usa.policyInstall(federation.sign('USA', policy(2)))
  await eventually('lead times are taken back', async () => {
    const rows = await Promise.all(Object.values(records).map((id) => fieldsAt(nor, id)))
    return rows.every((fields) => fields === 'supplier,title')
  })
  await usa.recordWithdraw({ id: records.charlie, ...said })
  await eventually('Charlie is taken back', async () => {
    const rows = await Promise.all([gbr, nor].map((node) => fieldsAt(node, records.charlie)))
    return rows.join('') === ''
  })
  await allInSync()
  const drafts: Draft[] = []
  for (const [i, node] of [gbr, nor, usa].entries())
    drafts.push(await bundleOf(node, String(nations[i])))
  const own = new Map(
    nations.map((nation) => [nation as Nation, loadOwn(federation.folder(nation))]),
  )
  return {
    drafts,
    early,
    records,
    roster: openRoster(federation.roster, verifyEd25519),
    keysOf: (nation) => {
      const keys = own.get(nation)
      if (keys === undefined) throw new Error(`no keys of ${nation}`)
      return keys
    },
  }
}
