import type { NodeKeys } from '@entente/node'
import { verifyEd25519 } from '@entente/node'
import {
  acknowledgementType,
  canonicalBytes,
  concatBytes,
  digestOpening,
  fromHex,
  hmacSha256,
  type Json,
  type Nation,
  type Opening,
  peekJws,
  type Roster,
  sha256,
  signJws,
  toBase64url,
  utf8,
} from '@entente/schema'
import {
  cosign,
  createMemoryTree,
  formatEntryBundle,
  formatNote,
  formatTilePath,
  formatTlogProof,
  inclusionProof,
  leafHash,
  type MemoryTree,
  openCheckpoint,
  parseNote,
  parseTlogProof,
  parseVerifierKey,
  type Signer,
  signCheckpoint,
  tileHashes,
  tilesOf,
  treeRoot,
  verifyCosignatures,
} from '@entente/tlog'
import { type Draft, type Line, rowsOf } from './draft.ts'

/** The secret keys of one nation's node. */
export interface LiarKeys {
  readonly keys: NodeKeys
  readonly logSigner: Signer
  readonly cosigner: Signer
}

/** What a nation would have said instead: changes payloads before they are signed, or leaves a statement out. */
export interface Lie {
  readonly nation: Nation
  readonly index: number
  /** Null: the leaf never was. */
  readonly payload: ((payload: Line) => Line) | null
  /** Another kind of statement than stood there. */
  readonly typ?: string
}

const hashOf = (jws: string) => toBase64url(sha256(utf8(jws)))

/**
 * Tells the whole story of some bundles again with other words in it, signed with everybody's own keys: statements chained
 * anew, entries and inputs committed to as the drafts now hold them, acknowledgements of the new statements, trees,
 * checkpoints cosigned at the same times, proofs. Without a lie the bytes are the same as before.
 */
export function recast(
  drafts: readonly Draft[],
  keysOf: (nation: Nation) => LiarKeys,
  roster: Roster,
  lies: readonly Lie[] = [],
): void {
  const renamed = new Map<string, string>()
  const rename = (hash: unknown) => renamed.get(String(hash)) ?? String(hash)
  const sayAgain = (draft: Draft, row: Line, payload: Line): void => {
    const { typ } = peekJws(String(row['jws']))
    const jws = signJws(
      lieOf(draft, row)?.typ ?? typ,
      payload as Json,
      keysOf(draft.nation).keys.statement.sign,
    )
    renamed.set(hashOf(String(row['jws'])), hashOf(jws))
    row['jws'] = jws
  }
  const payloadOf = (row: Line) => structuredClone(peekJws(String(row['jws'])).payload) as Line
  const kindOf = (row: Line) => peekJws(String(row['jws'])).typ
  const lieOf = ({ nation }: Draft, row: Line) =>
    lies.find((lie) => lie.nation === nation && lie.index === row['index'])

  const left = lies.filter(({ payload }) => payload === null)
  for (const lie of left) leaveOut(lie, drafts)
  for (const draft of drafts)
    for (const row of rowsOf(draft, 'openings.jsonl')) {
      if (kindOf(row) === 'entente-ack') continue
      let payload = payloadOf(row)
      for (const link of ['feed', 'prev'])
        if (typeof payload[link] === 'string') payload[link] = rename(payload[link])
      if (kindOf(row) === 'entente-release') payload = commit(draft, row, payload)
      sayAgain(draft, row, lieOf(draft, row)?.payload?.(payload) ?? payload)
    }
  const acks = drafts.flatMap((draft) =>
    ['acks-given.jsonl', 'acks-received.jsonl'].flatMap((path) => rowsOf(draft, path)),
  )
  for (const row of acks) {
    const before = String(row['jws'])
    const payload = payloadOf(row)
    for (const link of ['feed', 'statement']) payload[link] = rename(payload[link])
    const { sign } = keysOf(String(payload['by'])).keys.statement
    row['jws'] = signJws(acknowledgementType, payload as Json, sign)
    renamed.set(hashOf(before), hashOf(String(row['jws'])))
  }
  for (const draft of drafts)
    for (const row of rowsOf(draft, 'openings.jsonl')) {
      if (kindOf(row) !== 'entente-ack') continue
      const payload = payloadOf(row)
      for (const side of ['given', 'received'])
        payload[side] = (payload[side] as string[]).map(rename).sort()
      sayAgain(draft, row, lieOf(draft, row)?.payload?.(payload) ?? payload)
    }
  publishAgain(drafts, keysOf, roster, left)
  for (const draft of drafts)
    for (const row of rowsOf(draft, 'held.jsonl')) row['feed'] = rename(row['feed'])
}

/** What a release commits to, as the draft now shows it. */
function commit(draft: Draft, row: Line, payload: Line): Line {
  const at = (path: string) => rowsOf(draft, path).filter((each) => each['index'] === row['index'])
  const entries = at('entries.jsonl').map(({ opening }) => digestOpening(opening as Opening))
  const inputs = at('inputs.jsonl')[0]?.['inputs'] as Json
  const salt = fromHex(String(row['salt']))
  return {
    ...payload,
    entries: entries.sort(),
    inputs: toBase64url(hmacSha256(salt, canonicalBytes(inputs))),
  }
}

/** Takes a leaf of a log away, with all that goes with it; what follows moves up. */
function leaveOut({ nation, index }: Lie, drafts: readonly Draft[]): void {
  const drop = (holder: Draft, path: string, of = (_: Line) => true): void => {
    const kept = rowsOf(holder, path).filter((row) => !(of(row) && row['index'] === index))
    for (const row of kept)
      if (of(row) && Number(row['index']) > index) row['index'] = Number(row['index']) - 1
    holder.rows[path] = kept
  }
  for (const holder of drafts)
    if (holder.nation !== nation) drop(holder, 'received.jsonl', ({ from }) => from === nation)
    else for (const path of ['openings.jsonl', 'entries.jsonl', 'inputs.jsonl']) drop(holder, path)
}

function publishAgain(
  drafts: readonly Draft[],
  keysOf: (nation: Nation) => LiarKeys,
  roster: Roster,
  left: readonly Lie[],
): void {
  const sizeOf = (nation: Nation, size: number) =>
    size - left.filter((lie) => lie.nation === nation && lie.index < size).length
  const trees = new Map<Nation, { readonly tree: MemoryTree; readonly entries: Uint8Array[] }>()
  const byOrigin = new Map(drafts.map((draft) => [String(draft.manifest['origin']), draft.nation]))
  const jwsAt = new Map<string, string>()
  for (const draft of drafts) {
    const rows = rowsOf(draft, 'openings.jsonl')
    const entries = rows.map(({ jws, salt }) =>
      concatBytes(Uint8Array.of(1), hmacSha256(fromHex(String(salt)), utf8(String(jws)))),
    )
    for (const { index, jws } of rows) jwsAt.set(`${draft.nation} ${index}`, String(jws))
    const tree = createMemoryTree()
    tree.append(entries.map((entry) => leafHash(entry)))
    trees.set(draft.nation, { tree, entries })
  }
  const treeOf = (nation: Nation) => trees.get(nation)?.tree ?? createMemoryTree()
  /** The checkpoint over the same leaves, cosigned by the same at the same times. */
  const again = (text: string): string => {
    const nation = byOrigin.get(text.split('\n')[0] ?? '') ?? ''
    const { logSigner } = keysOf(nation)
    const log = { origin: logSigner.key.name, key: logSigner.key }
    const { checkpoint, note } = openCheckpoint(text, log, verifyEd25519)
    const witnesses = [...roster.members.values()]
    const cosignatures = verifyCosignatures(
      note,
      witnesses.map(({ node }) => parseVerifierKey(node.witnessKey)),
      verifyEd25519,
    )
    const tree = treeOf(nation)
    const size = sizeOf(nation, checkpoint.size)
    const root = treeRoot(size, tree.hashAt)
    const signed = parseNote(signCheckpoint({ origin: log.origin, size, root }, logSigner))
    const signatures = cosignatures
      // In the order in which they came.
      .sort((a, b) => note.signatures.indexOf(a.line) - note.signatures.indexOf(b.line))
      .map(({ key, timeS }) => {
        const by = witnesses.find(({ node }) => node.witnessKey.startsWith(`${key.name}+`))
        return cosign(signed.text, keysOf(by?.nation ?? '').cosigner, timeS)
      })
    return formatNote({ text: signed.text, signatures: [...signed.signatures, ...signatures] })
  }
  for (const draft of drafts) {
    const { files, nation } = draft
    const { tree, entries } = trees.get(nation) ?? { tree: createMemoryTree(), entries: [] }
    files.set('log/checkpoint', Buffer.from(again(String(files.get('log/checkpoint')))))
    for (const path of files.keys()) if (path.startsWith('log/tile/')) files.delete(path)
    for (const tile of tilesOf(tree.size())) {
      const begin = 256 * tile.index
      const content =
        tile.level === 'entries'
          ? formatEntryBundle(entries.slice(begin, begin + tile.width))
          : tileHashes(tile, tree.hashAt)
      files.set(`log/${formatTilePath(tile)}`, content)
    }
    for (const row of rowsOf(draft, 'checkpoints.jsonl')) {
      row['note'] = again(String(row['note']))
      row['size'] = sizeOf(nation, Number(row['size']))
    }
    for (const row of rowsOf(draft, 'partner-checkpoints.jsonl'))
      row['note'] = again(String(row['note']))
    for (const row of rowsOf(draft, 'received.jsonl')) {
      const from = String(row['from'])
      const index = Number(row['index'])
      const { hashAt } = treeOf(from)
      const checkpoint = again(parseTlogProof(String(row['proof'])).checkpoint)
      const size = Number(checkpoint.split('\n')[1])
      row['jws'] = jwsAt.get(`${from} ${index}`) ?? row['jws']
      const hashes = inclusionProof(index, size, hashAt)
      row['proof'] = formatTlogProof({ index, hashes, checkpoint })
    }
  }
}
