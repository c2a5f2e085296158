import { type Revocation, revocationType, signJws, statementKeyAt } from '@entente/schema'
import type { Ed25519Signer } from '../adapters/ed25519.ts'
import { noteHeard } from '../keys/heard-file.ts'
import { createHeadFile } from '../log/head-file.ts'
import { loadOwn } from './node-folder.ts'
import { readOwnNationFile, writeNationFile } from './own-nation-file.ts'
import { SetupError } from './setup-error.ts'

/** What was revoked, and the file that says so. */
export interface RevokedKey extends Revocation {
  /** As the root signed it: anybody may carry it. */
  readonly seal: string
  readonly nationFilePath: string
}

/**
 * Has the root say that a statement key of a log of the nation, or the key of a drafting node, is no longer believed after a leaf. What partners have admitted of later
 * leaves under it they hide. It counts here at the next start, and everywhere as soon as it is heard; the nation file has it for the next
 * roster.
 * @param lastGood null: no leaf under the key is good @param key else the one that signs the last good leaf
 * @throws {SetupError} `ROOT_NOT_OURS`, `KEY_MISSING` when no certificate names the key, `LEAF_UNKNOWN` for a last good leaf that the
 * log does not have: what a thief adds up to it would be good, and no later word can mend it
 */
export function revokeKey(
  folder: string,
  root: Ed25519Signer,
  {
    lastGood,
    reason,
    atMs,
    key: wanted,
  }: {
    readonly lastGood: number | null
    readonly reason: string
    readonly atMs: number
    readonly key?: string | undefined
  },
): RevokedKey {
  const own = loadOwn(folder)
  const { nation, origin } = own.config
  const leaves = createHeadFile(own.headPath).read()
  if (lastGood !== null && leaves !== null && lastGood >= leaves)
    throw new SetupError('LEAF_UNKNOWN', `the log has the leaves 0 to ${leaves - 1}`)
  const given = readOwnNationFile({ folder, nation, rosterPath: own.rosterPath }, root, {
    takesBack: true,
  })
  const certified = { nodes: given.nodes, revocations: [] }
  const key = wanted ?? statementKeyAt(certified, origin, lastGood ?? 0)?.certificate.key
  // The key of a drafting node signs no leaf of any log; its revocation names the main one.
  const isDrafting = given.certificates.some(
    (each) => each.role === 'drafting-node' && each.key === key,
  )
  const named = isDrafting
    ? origin
    : given.nodes.findLast((node) => node.key === key && (wanted || node.origin === origin))?.origin
  if (key === undefined || named === undefined)
    throw new SetupError('KEY_MISSING', `${given.path} certifies no such key for ${origin}`)
  const revocation: Revocation = { nation, origin: named, key, lastGood, at: atMs, reason }
  const seal = signJws(revocationType, revocation, root.sign)
  writeNationFile(given.path, {
    ...given.file,
    revocations: [...(given.file.revocations ?? []), seal],
  })
  noteHeard(own.revocationsPath, [seal])
  return { ...revocation, seal, nationFilePath: given.path }
}
