import { toHex } from '@entente/schema'
import { faultsInFile } from '../adapters/check-database.ts'
import type { Deps } from '../deps.ts'
import type { CompactSummary } from '../ledger/keeping/compact-shard.ts'
import type { Finding } from '../ledger/keeping/finding.ts'
import type { RebuildSummary } from '../ledger/keeping/rebuild-tables.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Progress } from '../node-api.ts'
import { renameLedger } from '../siblings/copies.ts'
import { checkView } from '../view/check-view.ts'
import { clearView, refillView } from '../view/refill-view.ts'
import type { View } from '../view/view.ts'

/** What may be asked about the keeping of the ledger. */
export interface LedgerApi {
  /** Reads everything that is stored of the ledger, and says what does not fit. Changes nothing. */
  readonly ledgerCheck: (
    request: { readonly limit?: number | undefined },
    progress?: Progress,
  ) => Promise<LedgerCheck>
  /** Makes tables, view and search index anew from the shards. */
  readonly ledgerRebuild: (request: null, progress?: Progress) => Promise<RebuildSummary>
  /** Takes the past out of own shards with more than `changes` changes (else 32). */
  readonly ledgerCompact: (
    request: {
      readonly changes?: number | undefined
      readonly author: string
      readonly reason: string
    },
    progress?: Progress,
  ) => Promise<CompactSummary>
  /** Takes a new name for what this node writes, after it was restored from a copy; it counts from the next start on. */
  readonly ledgerRename: (request: null) => Promise<{ readonly before: string }>
}

export interface LedgerCheck {
  readonly shards: number
  readonly records: number
  /** How many findings there are; `findings` are the first of them. */
  readonly found: number
  readonly findings: readonly Finding[]
}

const defaultLimit = 1000
const defaultChanges = 32

export function createLedgerApi({ db, randomBytes }: Deps, ledger: Ledger, view: View): LedgerApi {
  return {
    ledgerCheck: async ({ limit = defaultLimit }, progress) => {
      const findings: Finding[] = []
      let found = 0
      const take = (finding: Finding): void => {
        found++
        if (findings.length < limit) findings.push(finding)
      }
      let shards = 0
      const checked = ledger.check((done, total) => {
        shards = total
        progress?.({ stage: 'check shards', done, total })
      })
      for await (const finding of checked) take(finding)
      progress?.({ stage: 'check view and search', done: 0 })
      for (const finding of checkView(db)) take(finding)
      progress?.({ stage: 'check file', done: 0 })
      for (const message of await faultsInFile(db.path)) take({ code: 'DATABASE_PAGES', message })
      const records = Number(db.prepare('SELECT count(*) AS n FROM record').get()?.['n'])
      return { shards, records, found, findings }
    },
    ledgerRebuild: async (_, progress) => {
      const summary = await ledger.rebuild((done, total) =>
        progress?.({ stage: 'rebuild tables', done, total }),
      )
      clearView(db)
      await refillView(db, view, (done, total) =>
        progress?.({ stage: 'rebuild view and search', done, total }),
      )
      return summary
    },
    ledgerCompact: ({ changes = defaultChanges, author, reason }, progress) =>
      ledger.compact(changes, { author, reason }, (done, total) =>
        progress?.({ stage: 'compact shards', done, total }),
      ),
    ledgerRename: async () => {
      renameLedger(db, toHex(randomBytes(16)))
      return { before: ledger.actor }
    },
  }
}
