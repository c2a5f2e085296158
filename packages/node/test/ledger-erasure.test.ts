import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openLoneNode } from './lone-node.ts'

const said = { author: 'analyst', reason: 'exercise' }
const old = 'a-value-of-old-times'

test('a value that was changed is in no byte of any file once the ledger is compacted', async () => {
  await using lone = await openLoneNode('USA')
  const { node, folder } = lone
  const { id } = await node.recordAdd({
    kind: 'supplier',
    dataset: 'suppliers',
    fields: { legal_name: 'Works', risk_note: old },
    ...said,
  })
  await node.recordEdit({ id, set: { risk_note: { value: `${old}, second` } }, ...said })
  await node.recordEdit({ id, set: { risk_note: { value: 'new' } }, ...said })

  const files = (): Buffer[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(join(folder, name)))
  const holds = (bytes: string | Buffer) => files().some((file) => file.includes(bytes))
  // Automerge packs texts: what it stored is looked for as it stood, 32 bytes at a time.
  const packed = chunksIn(join(folder, 'entente.db')).flatMap((chunk) =>
    Array.from({ length: Math.floor(chunk.length / 32) }, (_, i) =>
      chunk.subarray(32 * i, 32 * i + 32),
    ),
  )
  expect(packed.length).toBeGreaterThan(3)
  expect([holds(old), packed.every(holds)]).toEqual([true, true])
  expect(JSON.stringify(await node.recordHistory(id))).toContain(old)

  expect(await node.ledgerCompact({ changes: 0, ...said })).toMatchObject({ compacted: 1 })
  expect([holds(old), packed.some(holds)]).toEqual([false, false])
  expect(JSON.stringify(await node.recordHistory(id))).not.toContain(old)
  expect(await node.ledgerCheck({})).toMatchObject({ found: 0 })
})

function chunksIn(path: string): Buffer[] {
  using db = new DatabaseSync(path, { readOnly: true })
  return db
    .prepare("SELECT data FROM chunk WHERE key LIKE '%/%'")
    .all()
    .map((row) => Buffer.from(row['data'] as Uint8Array))
}
