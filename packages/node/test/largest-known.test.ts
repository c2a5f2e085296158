import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { largestKnown } from '../src/gossip/known.ts'
import { migrations, tables } from '../src/layout.ts'

test('a log that asks is told of the largest checkpoint, wherever it is known from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'entente-known-'))
  try {
    using db = openDatabase(join(folder, 'node.db'), tables, migrations)
    const root = new Uint8Array(32)
    const put = (table: string, size: number) =>
      db
        .prepare(`INSERT INTO ${table}(origin, size, root, note) VALUES ('log', ?, ?, ?)`)
        .run(size, root, table)
    expect(largestKnown(db, 'log')).toBeNull()
    // An empty log says nothing.
    put('seen_checkpoint', 0)
    expect(largestKnown(db, 'log')).toBeNull()
    db.exec('DELETE FROM seen_checkpoint')
    put('witnessed', 50)
    expect(largestKnown(db, 'log')).toMatchObject({ size: 50 })
    // Others made the quorum.
    db.prepare(
      "INSERT INTO partner_checkpoint(origin, size, root, note, cosigned_s, seen_ms) VALUES ('log', 80, ?, 'admitted', 0, 0)",
    ).run(root)
    expect(largestKnown(db, 'log')).toMatchObject({ size: 80, note: 'admitted' })
    // Of two that are equal, what was admitted carries the cosignatures.
    put('seen_checkpoint', 80)
    expect(largestKnown(db, 'log')).toMatchObject({ size: 80, note: 'admitted' })
    db.exec('DELETE FROM seen_checkpoint')
    put('seen_checkpoint', 90)
    expect(largestKnown(db, 'log')).toMatchObject({ size: 90 })
    expect(largestKnown(db, 'other')).toBeNull()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
