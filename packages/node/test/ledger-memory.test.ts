import { queryObjects } from 'node:v8'
import { ImmutableString } from '@automerge/automerge'
import { expect, test } from 'vitest'
import { analyst, openLedger, openMemory, supplier } from './ledger-fixture.ts'

test('a ledger forgets the shards that it has not used for long', async () => {
  using db = openMemory()
  await using ledger = await openLedger(db)
  const shards = 24
  const rows = Array.from({ length: shards * 256 }, (_, i) => ({
    naturalKey: String(i),
    draft: supplier(`Works ${i}`),
  }))
  await ledger.upsert(rows, analyst)
  const ids = db.prepare('SELECT min(id) AS id FROM record GROUP BY shard').all()
  expect(ids).toHaveLength(shards)
  for (const { id } of ids) await ledger.history(String(id))
  // One a record of eight shards, and one in what was last patched into each.
  const held: number = queryObjects(ImmutableString, { format: 'count' })
  expect(held).toBeLessThan(shards * 256)
}, 180_000)
