import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { NodeApi, NodeOptions, RecordAdd, RunningNode, Status } from '@entente/node'
import type { Json, Label, Nation } from '@entente/schema'
import { eventually, type Federation } from './federation.ts'

/** Label of a field that every partner may have. */
export const open: Label = {
  classification: 'UNCLASSIFIED',
  releasableTo: ['PARTNERS'],
  caveats: [],
}
/** Label of a field that the named nations may have and no other. */
export const onlyFor = (...nations: Nation[]): Label => ({ ...open, releasableTo: nations })
/** Label of a field that nobody else may have. */
export const secret: Label = { classification: 'SECRET', releasableTo: [], caveats: [] }

interface ExamplePolicy {
  readonly edition: number
  readonly datasets: Readonly<Record<string, { readonly mode: string; readonly title: string }>>
}

/** The nation's example policy with every dataset live: what is permitted goes at once. */
export function livePolicy(nation: Nation, edition = 1): unknown {
  const text = readFileSync(`examples/policies/${nation}.json`, 'utf8')
  const policy = JSON.parse(text) as ExamplePolicy
  const datasets = Object.entries(policy.datasets).map(([name, dataset]) => [
    name,
    { ...dataset, mode: 'live' },
  ])
  return { ...policy, edition, datasets: Object.fromEntries(datasets) }
}

/** All goes to the partners, if labels and originators let it. */
export const permitAll = (nation: Nation, partners: readonly Nation[]) => ({
  nation,
  edition: 1,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'live', title: 'Production' } },
  groups: { PARTNERS: partners.map((each) => ({ nation: each, from: '2020-01-01' })) },
  ceilings: Object.fromEntries(partners.map((each) => [each, 'RESTRICTED'])),
  bands: {},
  rules: [
    {
      id: 'all',
      match: { recipient: { in: partners } },
      effect: 'permit',
      reasonCode: 'ALL',
      authority: 'exercise',
    },
  ],
  tests: [],
})

/** A capability in `production` whose fields every partner may have. */
export function capability(
  fields: Readonly<Record<string, Json>>,
  labels: Readonly<Record<string, Label>> = {},
): RecordAdd {
  const all = Object.fromEntries(Object.keys(fields).map((field) => [field, open]))
  return {
    kind: 'capability',
    dataset: 'production',
    author: 'analyst',
    reason: 'a test of faults',
    fields,
    labels: { ...all, ...labels },
  }
}

/** Opens the nations' nodes together and waits until all serve. */
export async function openServing(
  federation: Federation,
  nations: readonly Nation[],
  options: (nation: Nation) => Partial<NodeOptions> = () => ({}),
): Promise<RunningNode[]> {
  const nodes = await Promise.all(nations.map((nation) => federation.open(nation, options(nation))))
  await eventually('all serve', async () =>
    (await Promise.all(nodes.map(stateOf))).every((state) => state === 'serving'),
  )
  return nodes
}

export const stateOf = async (node: NodeApi): Promise<Status['state']> =>
  (await node.status()).state

/** Waits until the nation at the other end has acknowledged everything, and we everything of its. */
export const inSync = (node: NodeApi, nation: Nation, withinMs?: number): Promise<unknown> =>
  eventually(
    `${node.nation} is in sync with ${nation}`,
    async () => {
      const { log, partners } = await node.status()
      const partner = partners.find((each) => each.nation === nation)
      return partner?.inSync === true && log.published === log.size
    },
    withinMs,
  )

type Rows = Record<string, unknown>[]

/** Reads a node's database beside the node, or after it has gone. */
export function readRows(folder: string, sql: string, ...args: (string | number)[]): Rows {
  const db = new DatabaseSync(join(folder, 'entente.db'), { readOnly: true })
  try {
    return db.prepare(sql).all(...args) as Rows
  } finally {
    db.close()
  }
}

/** Refusals that the node of this folder has noted, oldest first. */
export function refusals(folder: string): { readonly from: string; readonly code: string }[] {
  return readFileSync(join(folder, 'journal.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"event":"refused"'))
    .map((line) => JSON.parse(line) as { from: string; code: string })
}

/** `[record, fragment digest]` of all the sender has put to the recipient, at the sender's and at the recipient's. */
export function heldOnBothSides(federation: Federation, sender: Nation, recipient: Nation) {
  return {
    sent: readRows(
      federation.folder(sender),
      'SELECT record, digest FROM held WHERE recipient = ? ORDER BY record',
      recipient,
    ),
    received: readRows(
      federation.folder(recipient),
      'SELECT record, digest FROM held_in JOIN feed_in USING (feed) WHERE sender = ? ORDER BY record',
      sender,
    ),
  }
}
