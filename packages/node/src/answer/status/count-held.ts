import type { Nation } from '@entente/schema'
import type { Database } from '../../adapters/sqlite-database.ts'

/** How much a partner holds of us, and we of it, record by record. */
interface HeldCounts {
  readonly sent: { readonly records: number; readonly fields: number; readonly withheld: number }
  readonly received: { readonly records: number; readonly fields: number }
}

export function countHeld(db: Database, nation: Nation): HeldCounts {
  const held = db
    .prepare(
      'SELECT COUNT(*) AS records, SUM((SELECT COUNT(*) FROM json_each(fields))) AS fields, SUM(withheld) AS withheld FROM held WHERE recipient = ?',
    )
    .get(nation)
  const received = db
    .prepare(
      "SELECT COUNT(*) AS records, SUM(json_array_length(json, '$.disclosures')) AS fields FROM held_in JOIN feed_in USING (feed) WHERE sender = ?",
    )
    .get(nation)
  return {
    sent: {
      records: held?.['records'] as number,
      fields: (held?.['fields'] as number | null) ?? 0,
      withheld: (held?.['withheld'] as number | null) ?? 0,
    },
    received: {
      records: received?.['records'] as number,
      fields: (received?.['fields'] as number | null) ?? 0,
    },
  }
}
