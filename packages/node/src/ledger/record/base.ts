import { digestOf } from '@entente/schema'
import { toDataRecord } from './merge-record.ts'
import { compareStamps, registersOf, type StoredRecord } from './stored-record.ts'

/**
 * Names one state of a record: what it says and the latest write in it. A record that says again what it once said is in
 * another state, so that what was signed for a state can be used in no other.
 */
export function baseOf(record: StoredRecord): string {
  const [latest] = registersOf(record)
    .flat()
    .map(({ at }) => at)
    .toSorted((a, b) => compareStamps(b, a))
  return digestOf({ record: toDataRecord(record), at: latest ? [...latest] : null })
}
