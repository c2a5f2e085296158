import type { DataRecord, Envelope } from '@entente/schema'
import { LedgerError } from '../ledger-error.ts'
import type { Edit } from '../record/amend-record.ts'
import { currentEnvelope, currentField } from '../record/merge-record.ts'
import type { StoredRecord } from '../record/stored-record.ts'
import { same } from '../record/write-versions.ts'
import type { HistoryEntry } from '../shards/history.ts'

/**
 * The edit by which a record says again what it once said. Values come back; labels come back no wider than they are now,
 * or were when the field was taken out. What the record says about itself comes back but for where it came from.
 */
export function restoreEdit(record: StoredRecord, then: DataRecord): Edit {
  const set: Record<string, NonNullable<Edit['set']>[string]> = {}
  for (const [name, { value, label }] of Object.entries(then.fields)) {
    const register = record.fields[name] ?? []
    const now = currentField(register)
    if (now !== null && !now.conflict && same(now.value, value)) continue
    set[name] = { value, label }
  }
  const unset = Object.keys(record.fields).filter(
    (name) => !Object.hasOwn(then.fields, name) && currentField(record.fields[name] ?? []) !== null,
  )
  const { asOf, validFrom, validTo, confidence, reviewBy } = then.envelope
  const now = currentEnvelope(record.envelope)
  return {
    set,
    unset,
    narrow: true,
    revive: true,
    envelope: {
      asOf,
      ...dated({ validFrom, validTo, confidence, reviewBy }),
      ...(now.status !== then.envelope.status && { status: then.envelope.status }),
    },
  }
}

/**
 * The version to go back to: that after change number `to`, from 1, or the last one before a withdrawal.
 * @throws {LedgerError} `VERSION_UNKNOWN`
 */
export function versionOf(
  history: readonly HistoryEntry[],
  to: number | null,
  id: string,
): DataRecord {
  const version =
    to === null
      ? history.findLast(({ record }) => record !== null && record.envelope.status !== 'withdrawn')
      : history[to - 1]
  if (version?.record) return version.record
  if (version?.compacted)
    throw new LedgerError(
      'VERSION_UNKNOWN',
      `${id}: what it was after change ${to} is gone, the ledger has been compacted since`,
    )
  throw new LedgerError(
    'VERSION_UNKNOWN',
    to === null
      ? `nothing is left of ${id} from before its withdrawal`
      : `${id} has ${history.length} changes, not ${to}; entente record history counts them`,
  )
}

const dated = (parts: Partial<Envelope>): Partial<Envelope> =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined))
