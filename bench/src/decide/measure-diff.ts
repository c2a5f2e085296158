import { createDecider, diffPolicies } from '@entente/policy'
import { nowMs } from '../child.ts'
import { type Measured, row } from '../report.ts'
import type { Size } from '../size.ts'
import { bigPolicy, fieldNames, makeLabels, makeRecords, partners } from './big-policy.ts'

const atMs = Date.UTC(2026, 2, 1)

/**
 * Sets two editions side by side over everything held; beside deciding the same fields once under each, which is the least that a diff
 * must know.
 */
export function measureDiff(size: Size, talk: (words: string) => void): Measured {
  const labels = makeLabels(size.decideLabels, size.seed)
  // Made again for each side: held whole they would take more memory than what is measured.
  const records = () => makeRecords(size.compared, labels, size.seed)
  const before = bigPolicy({ edition: 1 })
  const after = bigPolicy({ edition: 2, everything: 'coarse' })
  talk(`policy-diff: ${size.compared} records for ${partners.length} partners, twice`)
  let moved = 0
  const diffMs = timed(() => {
    const at = { beforeMs: atMs, afterMs: atMs }
    const request = { before, after, nation: 'USA', records: records(), at, moments: [] }
    const { gains, losses } = diffPolicies(request).held
    moved = gains + losses
  })
  let found = 0
  const floorMs = timed(() => {
    const deciders = [createDecider(before), createDecider(after)]
    for (const record of records())
      for (const decider of deciders) {
        const open = decider.openRecord(record)
        for (const recipient of partners) {
          const ask = open({ recipient, sender: 'USA', purpose: 'use', atMs })
          for (const field of fieldNames) if (ask(field).effect !== 'deny') found++
        }
      }
  })
  if (moved === 0 || found === 0) throw new Error('nothing moved')
  return {
    figures: {
      'policy-diff records': size.compared,
      'policy-diff s': diffMs / 1_000,
      'policy-diff decide s': floorMs / 1_000,
      'policy-diff RSS MB': process.memoryUsage.rss() / 2 ** 20,
    },
    rows: [row('policy-diff', diffMs / floorMs)],
  }
}

function timed(work: () => unknown): number {
  const startMs = nowMs()
  work()
  return nowMs() - startMs
}
