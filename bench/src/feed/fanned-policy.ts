import { PolicyDocument } from '@entente/policy'
import type { DataRecord, Label, Nation } from '@entente/schema'
import { fieldNames, makeRecords } from '../decide/big-policy.ts'
import { openReleasing, type Releasing } from '../decide/releasing-node.ts'
import type { Federation } from '../federation.ts'

export const audiences = ['FIRST', 'SECOND', 'THIRD', 'FOURTH'] as const
const open: Label = { classification: 'UNCLASSIFIED', releasableTo: ['EVERYBODY'], caveats: [] }

/** Each partner is in one of four audiences, each of which gets five more fields than the one before; nobody looks before it goes. */
const fannedPolicy = (partners: readonly Nation[]): PolicyDocument =>
  PolicyDocument.parse({
    exercise: 'EXERCISE: invented rules',
    nation: 'USA',
    edition: 1,
    from: '2026-01-01',
    until: '2028-01-01',
    datasets: { production: { mode: 'live', title: 'Production' } },
    groups: Object.fromEntries([
      ...audiences.map((name, i) => [
        name,
        partners
          .filter((_, at) => at % audiences.length === i)
          .map((nation) => ({ nation, from: '2020-01-01' })),
      ]),
      ['EVERYBODY', partners.map((nation) => ({ nation, from: '2020-01-01' }))],
    ]),
    ceilings: Object.fromEntries(partners.map((nation) => [nation, 'RESTRICTED'])),
    bands: {},
    rules: audiences.map((name, i) => ({
      id: `to-${name.toLowerCase()}`,
      effect: 'permit',
      match: {
        recipientGroups: { intersects: [name] },
        field: { in: fieldNames.slice(0, 5 * (i + 1)) },
      },
      reasonCode: `TO-${name}`,
      authority: 'Exercise arrangement',
    })),
    tests: [],
  })

/** Records whose every field may go to everybody, as far as its label goes. */
export function* makeOpenRecords(count: number, seed: number): Generator<DataRecord> {
  for (const record of makeRecords(count, [open], seed)) {
    const { jurisdiction: _, ...envelope } = record.envelope
    yield { ...record, dataset: 'production', envelope }
  }
}

/** Writes these records, which all recipients are then to have. @param revision stands in every title */
export async function write(
  node: Releasing,
  records: Iterable<DataRecord>,
  revision: number,
): Promise<void> {
  const drafts = [...records].map(({ id, originator: _, ...draft }) => ({
    naturalKey: id,
    draft: {
      ...draft,
      originator: 'USA',
      fields: {
        ...draft.fields,
        title: { label: open, value: `Exercise ${id.slice(-6)}, revision ${revision}` },
      },
    },
  }))
  await node.ledger.upsert(drafts, { author: 'bench', reason: 'exercise' })
}

/** Decides and seals all that waits. */
export async function releaseAll(node: Releasing): Promise<void> {
  node.releaser.wake()
  await node.releaser.idle()
}

/** A node of the USA under this policy, which these partners have asked. */
export async function openFanned(
  federation: Federation,
  partners: readonly Nation[],
  asking: readonly Nation[],
): Promise<Releasing> {
  const node = await openReleasing(federation.sender, () => fannedAtMs)
  if (node.policies.at(fannedAtMs) === null)
    node.policies.install(federation.sign(fannedPolicy(partners)))
  for (const nation of asking) node.subscribe(nation, 'production')
  return node
}
const fannedAtMs = Date.UTC(2026, 2, 1)
