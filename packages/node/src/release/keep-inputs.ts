import { canonicalJson, type Inputs } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { SourceVersion } from './plan.ts'

/**
 * `consent_used`: consents of others that a leaf was decided on, as its inputs name them: whether a release rests on one is asked of every
 * consent that comes, and reading all inputs for it would let a partner keep the node busy.
 */
export const consentUsedTables = `
CREATE TABLE IF NOT EXISTS consent_used(idx INTEGER NOT NULL, consent TEXT NOT NULL, PRIMARY KEY(idx, consent)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS consent_used_consent ON consent_used(consent);
`

/** Keeps what a leaf was decided on. Inside a transaction. */
export function addInputs(db: Database, index: number, inputs: Inputs): void {
  db.prepare('INSERT INTO decision_inputs(idx, json) VALUES (?, ?)').run(
    index,
    canonicalJson(inputs),
  )
  const use = db.prepare('INSERT OR IGNORE INTO consent_used(idx, consent) VALUES (?, ?)')
  for (const consent of inputs.consents ?? []) use.run(index, consent)
}

/** Keeps for auditors what a leaf was decided on: inputs, and the record versions that they name. Inside a transaction. */
export function keepInputs(
  db: Database,
  index: number,
  inputs: Inputs,
  sources: readonly (SourceVersion | null)[],
): void {
  addInputs(db, index, inputs)
  const keep = db.prepare('INSERT OR IGNORE INTO source_version(digest, json) VALUES (?, ?)')
  for (const source of sources) if (source !== null) keep.run(source.digest, source.json)
}
