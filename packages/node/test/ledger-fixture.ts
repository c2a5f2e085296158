import { createHash, randomBytes } from 'node:crypto'
import type { Label } from '@entente/schema'
import { type Database, openDatabase } from '../src/adapters/sqlite-database.ts'
import { createLedger, type Ledger, type LedgerDeps, ledgerTables } from '../src/ledger/ledger.ts'
import type { Draft } from '../src/ledger/record/amend-record.ts'

export const released: Label = {
  classification: 'RESTRICTED',
  releasableTo: ['AUS', 'GBR'],
  caveats: [],
}
export const national: Label = { classification: 'SECRET', releasableTo: [], caveats: ['NOFORN'] }

export const supplier = (name: string, more: Draft['fields'] = {}): Draft => ({
  kind: 'supplier',
  dataset: 'suppliers',
  originator: 'USA',
  envelope: {
    asOf: '2026-01-31',
    status: 'active',
    source: { document: 'exercise' },
    handling: { originator_control: false, onward_release: 'ask' },
  },
  fields: { legal_name: { value: name, label: released }, ...more },
})

export const analyst = { author: 'analyst', reason: 'exercise' }

export const openMemory = (): Database => openDatabase(':memory:', [ledgerTables])

/** A ledger on a clock that goes on a second with every reading. */
export function openLedger(
  db: Database,
  node = 'node-1',
  more: Partial<LedgerDeps> = {},
): Promise<Ledger> {
  let nowMs = Date.UTC(2026, 0, 1)
  return createLedger({
    db,
    clock: { nowMs: () => (nowMs += 1000) },
    nation: 'USA',
    actor: createHash('sha256').update(node).digest('hex'),
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    ...more,
  })
}
