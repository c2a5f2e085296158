import { peekJws } from '@entente/schema'
import { formatNote, parseNote } from '@entente/tlog'
import { any, edit, indexOf, last, releases, type ToldLie, without } from './bench.ts'
import { type Draft, type Line, rowsOf } from './draft.ts'

/** What a nation can do to its bundle alone, without signing anything again. */
export const bundleLies: readonly ToldLie[] = [
  [
    'a statement withheld from the auditor',
    'LEAF_UNOPENED',
    'USA',
    ({ usa }) => without(usa, 'openings.jsonl', ({ index }) => index === 1),
  ],
  [
    'the salt of another leaf',
    'LEAF_OPENING',
    'USA',
    ({ usa }) => edit(usa, 'openings.jsonl', any, () => ({ salt: '0'.repeat(64) })),
  ],
  [
    'an opening of a leaf that is not in the tree',
    'LEAF_OPENING',
    'USA',
    ({ usa }) => {
      const rows = rowsOf(usa, 'openings.jsonl')
      rows.push({ ...last(rows), index: rows.length })
    },
  ],
  [
    'another leaf in the tree',
    'ROOT_MISMATCH',
    'USA',
    ({ usa }) => {
      const path = [...usa.files.keys()].find((each) => each.startsWith('log/tile/entries/')) ?? ''
      const bytes = Uint8Array.from(usa.files.get(path) ?? [])
      bytes[bytes.length - 1] = 1 ^ (bytes.at(-1) ?? 0)
      usa.files.set(path, bytes)
    },
  ],
  [
    'a checkpoint without its cosignatures',
    'QUORUM_NOT_MET',
    'USA',
    ({ usa }) => {
      const note = parseNote(String(usa.files.get('log/checkpoint')))
      const alone = formatNote({ ...note, signatures: note.signatures.slice(0, 1) })
      usa.files.set('log/checkpoint', Buffer.from(alone))
    },
  ],
  [
    'an entry of a release kept closed',
    'ENTRY_UNOPENED',
    'USA',
    ({ usa }) => without(usa, 'entries.jsonl', (row) => row === last(rowsOf(usa, 'entries.jsonl'))),
  ],
  [
    'a source record edited',
    'SOURCE_DIGEST',
    'USA',
    ({ usa }) =>
      edit(usa, 'sources.jsonl', any, ({ record }) => ({
        record: { ...(record as Line), dataset: 'elsewhere' },
      })),
  ],
  [
    'a policy edited to permit what was released',
    'POLICY_MISSING',
    'USA',
    ({ usa }) =>
      edit(usa, 'policies.jsonl', any, ({ policy }) => ({
        policy: { ...(policy as Line), rules: [] },
      })),
  ],
  [
    'inputs of a decision edited',
    'INPUTS_COMMITMENT',
    'USA',
    ({ usa }) =>
      edit(usa, 'inputs.jsonl', any, ({ inputs }) => ({
        inputs: { ...(inputs as Line), purpose: 'display' },
      })),
  ],
  [
    'the key of a record kept back',
    'RECORD_KEY_MISSING',
    'USA',
    ({ usa, records }) =>
      without(usa, 'record-keys.jsonl', ({ record }) => record === records.bravo),
  ],
  [
    'an acknowledgement received and not shown',
    'ACK_MISSING',
    'USA',
    ({ usa }) => without(usa, 'acks-received.jsonl', (row) => isLatestAck(row, usa, 'GBR')),
  ],
  [
    'data held that went around the log',
    'JOIN_WITHOUT_LEAF',
    'GBR',
    ({ gbr }) => {
      const rows = rowsOf(gbr, 'held.jsonl')
      rows.push({ ...last(rows), record: `urn:entente:${'0'.repeat(32)}` })
    },
  ],
  [
    'data kept that was taken back',
    'JOIN_KEPT',
    'GBR',
    ({ gbr, records }) => {
      const rows = rowsOf(gbr, 'held.jsonl')
      rows.push({ ...last(rows), record: records.charlie })
    },
  ],
  [
    'other data held than was released',
    'JOIN_DIGEST',
    'NOR',
    ({ nor }) => edit(nor, 'held.jsonl', any, () => ({ digest: 'A'.repeat(43) })),
  ],
  [
    'acknowledged data not shown',
    'JOIN_NOT_HELD',
    'NOR',
    (told) => {
      const index = indexOf(last(releases(told, 'NOR', 'narrow')))
      without(told.nor, 'received.jsonl', (row) => row['from'] === 'USA' && row['index'] === index)
    },
  ],
  [
    'an acknowledgement that its nation did not sign',
    'ACK_SIGNATURE',
    'GBR',
    ({ gbr }) =>
      edit(gbr, 'acks-given.jsonl', any, ({ jws }) => ({
        jws: String(jws).replace(/.{6}$/, 'AAAAAA'),
      })),
  ],
]

/** The furthest acknowledgement of one nation in a dataset feed. */
function isLatestAck(row: Line, draft: Draft, by: string): boolean {
  const rows = rowsOf(draft, 'acks-received.jsonl').filter(
    ({ jws }) => (peekJws(String(jws)).payload as Line)['by'] === by,
  )
  const seqOf = ({ jws }: Line) => Number((peekJws(String(jws)).payload as Line)['seq'])
  return row === rows.sort((a, b) => seqOf(a) - seqOf(b)).at(-1)
}
