import { canonicalJson, type Inputs } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { SourceVersion } from './plan.ts'

/** Keeps for auditors what a leaf was decided on: inputs, and the record versions that they name. Inside a transaction. */
export function keepInputs(
  db: Database,
  index: number,
  inputs: Inputs,
  sources: readonly (SourceVersion | null)[],
): void {
  db.prepare('INSERT INTO decision_inputs(idx, json) VALUES (?, ?)').run(
    index,
    canonicalJson(inputs),
  )
  const keep = db.prepare('INSERT OR IGNORE INTO source_version(digest, json) VALUES (?, ?)')
  for (const source of sources) if (source !== null) keep.run(source.digest, source.json)
}
