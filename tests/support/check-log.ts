import { entryOf, statementHash } from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import { formatBase64, leafHash, nodeHash, parseNote } from '@entente/tlog'
import { expect } from 'vitest'
import type { Federation } from './federation.ts'
import { readRows } from './scenario.ts'

/**
 * Derives the whole log of a nation again from its statements, by the definition of RFC 9162 and not by the node's own
 * way, and compares all that was signed for, there and at every other nation.
 */
export function checkLog(federation: Federation, nation: Nation): void {
  const folder = federation.folder(nation)
  const statements = readRows(folder, 'SELECT * FROM statement ORDER BY idx')
  const leaves = statements.map(({ idx, jws, salt, hash }, i) => {
    expect(idx).toBe(i)
    expect(hash).toBe(statementHash(jws as string))
    return entryOf(jws as string, salt as Uint8Array)
  })
  expect(
    readRows(folder, 'SELECT entry FROM entry ORDER BY idx').map((row) => row['entry']),
  ).toEqual(leaves)
  const hashes = leaves.map((entry) => leafHash(entry))
  const treeHash = createTreeHash(hashes)
  const rootAt = (size: number) => formatBase64(treeHash(0, size))
  for (const { level, idx, hash } of readRows(folder, 'SELECT level, idx, hash FROM node')) {
    const width = 2 ** (level as number)
    const from = (idx as number) * width
    expect(from + width).toBeLessThanOrEqual(hashes.length)
    expect(hash).toEqual(treeHash(from, from + width))
  }
  const [head] = readRows(folder, 'SELECT size, root FROM head')
  expect(head?.['size']).toBe(leaves.length)
  expect(formatBase64(head?.['root'] as Uint8Array)).toBe(rootAt(leaves.length))

  const notes = readRows(folder, 'SELECT note FROM checkpoint')
  for (const other of federation.roster.nations.map((member) => member.nation)) {
    if (other === nation) continue
    notes.push(
      ...readRows(federation.folder(other), 'SELECT note FROM witnessed').concat(
        readRows(federation.folder(other), "SELECT note FROM partner_checkpoint WHERE note <> ''"),
      ),
    )
    expect(readRows(federation.folder(other), 'SELECT * FROM fork_evidence')).toEqual([])
  }
  const origin = parseNote(notes[0]?.['note'] as string).text.split('\n')[0]
  for (const { note } of notes) {
    const [noteOrigin, size, root] = parseNote(note as string).text.split('\n')
    // Of any size there is one signed tree in the world.
    if (noteOrigin === origin) expect(root).toBe(rootAt(Number(size)))
  }
}

/**
 * MTH of RFC 9162, section 2.1.1, read off the page. What has been hashed once is kept: whole logs are hashed for each of their
 * checkpoints.
 */
function createTreeHash(hashes: readonly Uint8Array[]) {
  const kept = new Map<string, Uint8Array>()
  const treeHash = (from: number, to: number): Uint8Array => {
    const only = hashes[from]
    if (to - from === 1 && only !== undefined) return only
    const key = `${from}/${to}`
    const known = kept.get(key)
    if (known !== undefined) return known
    let split = 1
    while (split * 2 < to - from) split *= 2
    const hash = nodeHash(treeHash(from, from + split), treeHash(from + split, to))
    kept.set(key, hash)
    return hash
  }
  return treeHash
}

/** Every statement of a nation's feeds stands once, in order, chained, and is acknowledged up to the head of each feed. */
export function checkFeeds(federation: Federation, sender: Nation, recipient: Nation): void {
  const out = federation.folder(sender)
  const feeds = readRows(out, 'SELECT * FROM feed_out WHERE recipient = ? ORDER BY feed', recipient)
  const acknowledged = readRows(
    out,
    'SELECT ack_received.* FROM ack_received JOIN feed_out USING (feed) WHERE recipient = ? ORDER BY feed',
    recipient,
  )
  expect(acknowledged.map(({ feed, seq }) => ({ feed, seq }))).toEqual(
    feeds.map(({ feed, seq }) => ({ feed, seq })),
  )
  for (const { feed, seq, last } of feeds) {
    const chain = readRows(
      out,
      'SELECT seq, hash FROM statement WHERE feed = ? ORDER BY seq',
      feed as string,
    )
    expect(chain.map((statement) => statement['seq'])).toEqual(
      Array.from({ length: (seq as number) + 1 }, (_, i) => i),
    )
    expect(chain.at(-1)?.['hash']).toBe(last)
    // The recipient has the same chain, and its last word is the one we hold.
    const theirs = readRows(
      federation.folder(recipient),
      'SELECT jws FROM statement_in WHERE feed = ? ORDER BY seq',
      feed as string,
    )
    expect(theirs.map(({ jws }) => statementHash(jws as string))).toEqual(
      chain.map(({ hash }) => hash),
    )
    const given = readRows(
      federation.folder(recipient),
      'SELECT jws FROM ack_given WHERE feed = ?',
      feed as string,
    )
    expect(given.map(({ jws }) => jws)).toEqual(
      acknowledged.filter((ack) => ack['feed'] === feed).map(({ jws }) => jws),
    )
  }
}

/** How often each record was put in the sender's feeds to the recipient. */
export function putsOf(federation: Federation, sender: Nation, recipient: Nation) {
  const rows = readRows(
    federation.folder(sender),
    'SELECT record, COUNT(*) AS puts FROM entry_out JOIN feed_out USING (feed) WHERE recipient = ? AND opening LIKE \'%"op":"put"%\' GROUP BY record',
    recipient,
  )
  return rows.map(({ puts }) => puts)
}
