import { createHash } from 'node:crypto'
import { type CompiledPolicy, createDecider, openComposer } from '@entente/policy'
import { type DataRecord, recordKeyOf } from '@entente/schema'
import { nowMs } from '../child.ts'
import { type Measured, quantile, row } from '../report.ts'
import type { Size } from '../size.ts'
import { bigPolicy, makeLabels, makeRecords, partners } from './big-policy.ts'

const atMs = Date.UTC(2026, 2, 1)
const fragmentKey = new Uint8Array(32).fill(7)
const hash = (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest())

/** Composes again what an edit, and what a new edition of the policy, moves for thirty partners; beside composing once. */
export function measureRecompose(size: Size, talk: (words: string) => void): Measured {
  // As data mostly is: a few dozen labels, of which most reach somebody.
  const labels = makeLabels(40, size.seed)
  const records = [...makeRecords(size.recomposed, labels, size.seed)]
  const [before, after] = [
    bigPolicy({ edition: 1 }),
    bigPolicy({ edition: 2, everything: 'coarse' }),
  ]

  talk(`recompose-one: ${size.recomposed} edits, each for ${partners.length} partners`)
  const decider = createDecider(before)
  const [oneMs, onceMs]: [number[], number[]] = [[], []]
  for (const [i, record] of records.entries()) {
    const edited = edit(record, i)
    oneMs.push(timed(() => composeFor(edited, decider, partners)))
    onceMs.push(timed(() => composeFor(edit(record, -i - 1), decider, [best])))
  }

  talk(`recompose-all: a new edition over ${size.recomposed} records`)
  let moved = 0
  const held = new Map<string, string | null>()
  each(records, before, (id, digest) => held.set(id, digest))
  const allMs = timed(() =>
    each(records, after, (id, digest) => {
      if (held.get(id) !== digest) moved++
    }),
  )
  const rssMb = process.memoryUsage.rss() / 2 ** 20
  const single = createDecider(after)
  const floorMs = timed(() => {
    for (const record of records) composeFor(record, single, [best])
  })
  return {
    figures: {
      'recompose-one p50 ms': quantile(oneMs, 0.5),
      'compose once p50 ms': quantile(onceMs, 0.5),
      'recompose-all records/s': (records.length * 1_000) / allMs,
      'recompose-all moved': moved,
      'recompose-all fragments': [...held.values()].filter((digest) => digest !== null).length,
      'recompose-all RSS MB': rssMb,
    },
    rows: [
      row('recompose-one', quantile(oneMs, 0.5) / quantile(onceMs, 0.5)),
      row('recompose-all', allMs / floorMs),
    ],
  }
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

/** Every record for every partner under one policy. */
function each(
  records: readonly DataRecord[],
  policy: CompiledPolicy,
  found: (id: string, digest: string | null) => void,
): void {
  const decider = createDecider(policy)
  for (const record of records)
    for (const [i, { digest }] of composeFor(record, decider, partners).entries())
      found(`${partners[i]} ${record.id}`, digest)
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
