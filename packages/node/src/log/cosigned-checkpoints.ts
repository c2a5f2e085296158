import {
  type Cosignature,
  type Ed25519Verify,
  formatSignatureLine,
  lineId,
  newestCosignatures,
  parseNote,
  type VerifierKey,
  verifyCosignatures,
} from '@entente/tlog'
import type { Database } from '../adapters/sqlite-database.ts'

/**
 * Cosignatures of the newest checkpoints of this node's own log, as they are stored. Each is verified once: with thirty witnesses whose
 * answers come one by one, to verify all that came before with each would be five hundred checks for every checkpoint.
 */
export interface CosignedCheckpoints {
  /** Those of a checkpoint, one per key; none where there is no such checkpoint. */
  readonly of: (size: number) => readonly Cosignature[]
  /** Those of a checkpoint and others that are verified, one per key, the newest. */
  readonly with: (size: number, added: readonly Cosignature[]) => readonly Cosignature[]
  /**
   * Stores what {@link with} gave, and from when on the checkpoint is published; a time that stands already stays.
   * @returns the note with its cosignatures when it is published, or null
   */
  readonly keep: (
    size: number,
    cosigned: readonly Cosignature[],
    publishedMs: number | null,
  ) => string | null
}

/** The one being cosigned, the one published, and stragglers. */
const mostKept = 4

export function createCosignedCheckpoints(
  db: Database,
  witnesses: readonly VerifierKey[],
  verify: Ed25519Verify,
): CosignedCheckpoints {
  const known = new Set(witnesses.map(lineId))
  /** By the whole text that they were read from: whatever else changes the table, what is verified is what stands there. */
  const verified = new Map<string, readonly Cosignature[]>()
  const remember = (text: string, cosigned: readonly Cosignature[]): void => {
    const oldest = verified.size < mostKept ? undefined : verified.keys().next().value
    if (oldest !== undefined) verified.delete(oldest)
    verified.set(text, cosigned)
  }
  const read = (size: number) => {
    const row = db
      .prepare('SELECT note, cosigs, published_ms FROM checkpoint WHERE size = ?')
      .get(size)
    if (row === undefined) return null
    return {
      note: row['note'] as string,
      cosigs: row['cosigs'] as string,
      publishedMs: row['published_ms'] as number | null,
    }
  }
  const of = (size: number): readonly Cosignature[] => {
    const row = read(size)
    if (row === null) return []
    const text = `${row.note}${row.cosigs}`
    const before = verified.get(text)
    if (before !== undefined) return before
    const cosigned = verifyCosignatures(parseNote(text), witnesses, verify)
    remember(text, cosigned)
    return cosigned
  }
  return {
    of,
    with: (size, added) => newestCosignatures([...of(size), ...added]),
    keep: (size, cosigned, publishedMs) => {
      const row = read(size)
      if (row === null) return null
      // Lines of witnesses that a newer policy does not name stay where they are.
      const others = parseNote(`${row.note}${row.cosigs}`)
        .signatures.slice(parseNote(row.note).signatures.length)
        .filter((line) => !known.has(lineId(line)))
      const cosigs = [...others, ...cosigned.map(({ line }) => line)]
        .map(formatSignatureLine)
        .join('')
      const reached = row.publishedMs ?? publishedMs
      db.prepare('UPDATE checkpoint SET cosigs = ?, published_ms = ? WHERE size = ?').run(
        cosigs,
        reached,
        size,
      )
      remember(`${row.note}${cosigs}`, cosigned)
      return reached === null ? null : `${row.note}${cosigs}`
    },
  }
}
