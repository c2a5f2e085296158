import {
  canonicalJson,
  type DataRecord,
  digestFragment,
  digestOf,
  type Fragment,
  type Nation,
  type SealedConsent,
} from '@entente/schema'
import type { ConsentStore } from '../consents/consent-store.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { shownFragment } from '../records/shown-fragment.ts'
import type { View } from '../view/view.ts'

/** A record of another nation that is to be handed on as it came. */
export interface Retransferred {
  readonly record: string
  /** Null: it is not held now. */
  readonly originator: Nation | null
  readonly title: string
  /** Dataset of ours by which it goes. */
  readonly dataset: string
  /** Who its originator has consented that it goes to, now or for a time that is over. */
  readonly to: readonly Nation[]
}

/** What is handed on of other nations' records. That a record stands here gives it to nobody: consents, labels and policy decide. */
export interface RetransferStore {
  /** @throws {NodeError} `RECORD_UNKNOWN`, `RETRANSFER_OWN` */
  readonly add: (record: string, dataset: string) => void
  /** @returns false: it was not handed on */
  readonly remove: (record: string) => boolean
  readonly list: () => readonly Retransferred[]
  /** Brings them in line with what is held and consented to. @returns whether something is to be decided again */
  readonly refresh: () => boolean
}

export function createRetransferStore(
  { db, nation, hash }: Deps,
  view: View,
  consents: Pick<ConsentStore, 'counting'>,
): RetransferStore {
  /** What the originator itself gave us of a record, as far as everybody here may read it; null: nothing. */
  const heldOf = (record: string): Fragment | null => {
    const [row] = view.byRecord(record)
    if (row === undefined || row.provenAtMs === null || row.sender !== row.originator) return null
    const fragment = shownFragment(db, view, record)
    if (fragment === null) return null
    // Whom the originator meant here is not whom it means there.
    const disclosures = fragment.disclosures.filter(
      ([, field]) => row.fields[field]?.roles === undefined,
    )
    return disclosures.length === 0 ? null : { head: fragment.head, disclosures }
  }
  const write = (record: string, dataset: string): boolean => {
    const fragment = heldOf(record)
    const made = fragment && recordOf(fragment, dataset, consentsTo(fragment))
    const digest = made === null ? null : digestOf(made, hash)
    const before = db.prepare('SELECT digest, dataset FROM retransfer WHERE record = ?').get(record)
    if (before !== undefined && before['digest'] === digest && before['dataset'] === dataset)
      return false
    db.transact(() => {
      db.prepare(
        'INSERT OR REPLACE INTO retransfer(record, dataset, digest, json) VALUES (?, ?, ?, ?)',
      ).run(record, dataset, digest, made === null ? null : canonicalJson(made))
      db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(record)
    })
    return true
  }
  const consentsTo = ({ head }: Fragment): readonly SealedConsent[] =>
    consents
      .counting()
      .filter(
        ({ consent }) =>
          consent.holder === nation &&
          consent.nation === head.originator &&
          consent.record === head.id &&
          consent.head === digestFragment(head, hash),
      )
  const all = () => db.prepare('SELECT record, dataset FROM retransfer ORDER BY record').all()

  return {
    add: (record, dataset) => {
      if (db.prepare('SELECT 1 FROM record WHERE id = ?').get(record) !== undefined)
        throw new NodeError(
          'RETRANSFER_OWN',
          `${record} is a record of ${nation}: it is released, not handed on`,
        )
      if (heldOf(record) === null)
        throw new NodeError(
          'RECORD_UNKNOWN',
          `this node holds nothing of ${record} that its originator gave it and everybody here may read`,
        )
      write(record, dataset)
    },
    remove: (record) => {
      const { changes } = db.transact(() => {
        db.prepare(
          'INSERT OR IGNORE INTO dirty(record) SELECT record FROM retransfer WHERE record = ?',
        ).run(record)
        return db.prepare('DELETE FROM retransfer WHERE record = ?').run(record)
      })
      return changes > 0
    },
    list: () =>
      all().map((row): Retransferred => {
        const record = row['record'] as string
        const fragment = heldOf(record)
        const [shown] = view.byRecord(record)
        const to = fragment === null ? [] : consentsTo(fragment)
        return {
          record,
          originator: fragment?.head.originator ?? null,
          title: shown?.title ?? '',
          dataset: row['dataset'] as string,
          to: [...new Set(to.flatMap(({ consent }) => consent.recipients))].sort(),
        }
      }),
    refresh: () =>
      all()
        .map((row) => write(row['record'] as string, row['dataset'] as string))
        .includes(true),
  }
}

/**
 * A record as it came, as policy decides on it. Its label lets go whom its originator has named in consents, and nobody else; consents
 * and rules are asked all the same.
 */
function recordOf(
  { head, disclosures }: Fragment,
  dataset: string,
  consents: readonly SealedConsent[],
): DataRecord {
  const { id, kind, originator, handling, banner } = head
  const releasableTo = [...new Set(consents.flatMap(({ consent }) => consent.recipients))].sort()
  const received = { record: id, head: digestFragment(head) }
  return {
    id,
    kind,
    originator,
    dataset,
    envelope: {
      asOf: head.asOf,
      ...(head.validFrom !== undefined && { validFrom: head.validFrom }),
      ...(head.validTo !== undefined && { validTo: head.validTo }),
      status: head.status,
      source: { document: `released by ${originator}` },
      handling,
    },
    fields: Object.fromEntries(
      disclosures.map(([, field, value]) => [
        field,
        {
          value,
          label: { ...banner, releasableTo },
          terms: {
            originator,
            onward_release: handling.onward_release,
            received: { ...received, value: digestOf(value) },
          },
        },
      ]),
    ),
    received: {
      sd: head.sd,
      salts: Object.fromEntries(disclosures.map(([salt, field]) => [field, salt])),
    },
  }
}
