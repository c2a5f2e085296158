import { createHash } from 'node:crypto'
import { createDecider, openComposer } from '@entente/policy'
import { type DataRecord, recordKeyOf } from '@entente/schema'
import { nowMs } from '../child.ts'
import { createFederation } from '../federation.ts'
import { type Measured, quantile, row } from '../report.ts'
import type { Size } from '../size.ts'
import { bigPolicy, makeLabels, makeRecords, partners } from './big-policy.ts'
import { openReleasing } from './releasing-node.ts'

const atMs = Date.UTC(2026, 2, 1)
const fragmentKey = new Uint8Array(32).fill(7)
const hash = (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest())

/**
 * Composes again what an edit moves for thirty partners, beside composing once; and lets a node seal all that a new edition moves, beside
 * composing as much in memory.
 */
export async function measureRecompose(
  size: Size,
  talk: (words: string) => void,
): Promise<Measured> {
  // As data mostly is: a few dozen labels, of which most reach somebody.
  const labels = makeLabels(40, size.seed)
  const records = [...makeRecords(size.recomposed, labels, size.seed)]

  talk(`recompose-one: ${size.recomposed} edits, each for ${partners.length} partners`)
  const decider = createDecider(bigPolicy({ edition: 1 }))
  const [oneMs, onceMs]: [number[], number[]] = [[], []]
  for (const [i, record] of records.entries()) {
    const edited = edit(record, i)
    oneMs.push(timed(() => composeFor(edited, decider, partners)))
    onceMs.push(timed(() => composeFor(edit(record, -i - 1), decider, [best])))
  }

  talk(`recompose-all: a new edition over ${size.recomposed} records`)
  const single = createDecider(bigPolicy({ edition: 2, everything: 'coarse' }))
  const floorMs = timed(() => {
    for (const record of records) composeFor(record, single, partners)
  })
  const { allMs, moved, held, rssMb } = await sealAll(records)
  return {
    figures: {
      'recompose-one p50 ms': quantile(oneMs, 0.5),
      'compose once p50 ms': quantile(onceMs, 0.5),
      'recompose-all records/s': (records.length * 1_000) / allMs,
      'recompose-all moved': moved,
      'recompose-all fragments': held,
      'recompose-all RSS MB': rssMb,
    },
    rows: [
      row('recompose-one', quantile(oneMs, 0.5) / quantile(onceMs, 0.5)),
      row('recompose-all', allMs / floorMs),
    ],
  }
}

/** A node whose thirty partners hold all that one edition gives, from the next edition to the last checkpoint. */
async function sealAll(records: readonly DataRecord[]) {
  using federation = await createFederation(['USA', ...partners])
  const editions = ([{ edition: 1 }, { edition: 2, everything: 'coarse' }] as const).map((change) =>
    federation.sign(bigPolicy({ ...change, live: true }).document),
  )
  await using node = await openReleasing(federation.sender, () => atMs)
  node.policies.install(editions[0])
  for (const dataset of ['needs', 'production'])
    for (const partner of partners) node.subscribe(partner, dataset)
  await node.ledger.upsert(
    records.map(({ id, originator: _, ...draft }) => ({
      naturalKey: id,
      draft: { ...draft, originator: 'USA' },
    })),
    { author: 'bench', reason: 'exercise' },
  )
  const all = async (): Promise<void> => {
    node.releaser.wake()
    await node.releaser.idle()
  }
  await all()
  const digests = () =>
    new Map(
      node.db
        .prepare('SELECT recipient, record, digest FROM held')
        .all()
        .map((each) => [`${each['recipient']} ${each['record']}`, each['digest'] as string]),
    )
  const before = digests()
  const startMs = nowMs()
  node.policies.install(editions[1])
  await all()
  const allMs = nowMs() - startMs
  const after = digests()
  const moved = [...before].filter(([key, digest]) => after.get(key) !== digest).length
  if (moved === 0) throw new Error('nothing moved')
  return { allMs, moved, held: before.size, rssMb: process.memoryUsage.rss() / 2 ** 20 }
}

/** Of the partners who get most. */
const best = 'GBR'

type Decider = ReturnType<typeof createDecider>

function composeFor(record: DataRecord, decider: Decider, nations: readonly string[]) {
  const compose = openComposer(record, decider, {
    recordKey: recordKeyOf(fragmentKey, record.id),
    hash,
  })
  return nations.map((recipient) => compose({ recipient, purpose: 'use', atMs, sender: 'USA' }))
}

/** The record with another text in one field. */
function edit(record: DataRecord, revision: number): DataRecord {
  const title = record.fields['title']
  if (title === undefined) throw new Error('the record has no title')
  return {
    ...record,
    fields: { ...record.fields, title: { ...title, value: `Exercise revision ${revision}` } },
  }
}

function timed(work: () => unknown): number {
  const startMs = nowMs()
  work()
  return nowMs() - startMs
}
