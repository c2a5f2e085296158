import {
  canonicalBytes,
  digestOpening,
  fromHex,
  hmacSha256,
  JwsError,
  keyBytes,
  openJws,
  type Release,
  statementKeyAt,
  statementType,
  toBase64url,
  toHex,
} from '@entente/schema'
import type { BackedLeaf } from '../backup/backed-leaf.ts'
import type { Deps } from '../deps.ts'
import { entryOf, statementHash } from '../log/leaf.ts'

/**
 * A leaf as far as it proves itself: signed with our key of that leaf, opened by its salt, its inputs and openings those that
 * the statement commits to. What does not hold is left out; whether the entry belongs there only the tree can say.
 */
export function checkLeaf({ self, origin, verify, hash }: Deps, leaf: BackedLeaf): BackedLeaf {
  const { index, kind, atMs, feed, seq, entry, statement } = leaf
  const bare = { index, kind, atMs, feed, seq, hash: leaf.hash, entry, statement: null }
  if (statement === null) return bare
  const { jws, salt } = statement
  const key = statementKeyAt(self.member, origin, index)?.certificate.key
  if (key === undefined || toHex(entryOf(jws, fromHex(salt))) !== entry) return bare
  if (statementHash(jws) !== leaf.hash) return bare
  try {
    const said = openJws(jws, statementType(kind), keyBytes(key), verify)
    if (kind !== 'release') return leaf
    const { inputs, openings = [], ...rest } = leaf
    const release = said as unknown as Release
    const named = new Set(release.entries)
    const committed =
      inputs !== undefined &&
      toBase64url(hmacSha256(fromHex(salt), canonicalBytes(inputs))) === release.inputs
    return {
      ...rest,
      ...(committed ? { inputs } : {}),
      openings: openings.filter((opening) => named.delete(digestOpening(opening, hash))),
    }
  } catch (error) {
    if (error instanceof JwsError) return bare
    throw error
  }
}
