import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { loadOwn } from '@entente/node'
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
  const { publicKey: actor } = loadOwn(folder).keys.statement
  const packed = chunksIn(join(folder, 'entente.db')).flatMap((chunk) =>
    Array.from({ length: Math.floor(chunk.length / 32) }, (_, i) => 32 * i)
      // Who wrote stays, with the length before it, wherever it stands; and so does which record it is.
      .filter((at) => !overlaps(chunk, at, actor) && !overlaps(chunk, at, Buffer.from(id)))
      .map((at) => chunk.subarray(at, at + 32)),
  )
  expect(packed.length).toBeGreaterThan(3)
  expect([holds(old), packed.every(holds)]).toEqual([true, true])
  expect(JSON.stringify(await node.recordHistory(id))).toContain(old)

  expect(await node.ledgerCompact({ changes: 0, ...said })).toMatchObject({ compacted: 1 })
  expect([holds(old), packed.some(holds)]).toEqual([false, false])
  expect(JSON.stringify(await node.recordHistory(id))).not.toContain(old)
  expect(await node.ledgerCheck({})).toMatchObject({ found: 0 })
})

/** Whether 32 bytes from a place on share any with what stands in the chunk somewhere. */
function overlaps(chunk: Buffer, at: number, what: Uint8Array): boolean {
  for (let found = chunk.indexOf(what); found >= 0; found = chunk.indexOf(what, found + 1))
    if (found < at + 32 && at < found + what.length) return true
  return false
}

function chunksIn(path: string): Buffer[] {
  using db = new DatabaseSync(path, { readOnly: true })
  return db
    .prepare("SELECT data FROM chunk WHERE key LIKE '%/%'")
    .all()
    .map((row) => Buffer.from(row['data'] as Uint8Array))
}
