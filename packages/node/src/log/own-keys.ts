import {
  type CertifiedKeys,
  peekJws,
  type Sign,
  signJws,
  statementKeyAt,
  statementType,
  toBase64url,
} from '@entente/schema'
import type { Ed25519Signer } from '../adapters/ed25519.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Leaf } from './leaf.ts'
import type { ReleaseLog } from './release-log.ts'

/** Pads appended in one go before a new key begins. */
const PADS_AT_ONCE = 1024

/**
 * Signs statements with the key that the roster names for the leaf they will be: the next one of the log.
 * @throws {NodeError} `FROZEN` when that key does not lie here
 */
export function createStatementSigner(
  certified: CertifiedKeys,
  origin: string,
  signers: readonly Ed25519Signer[],
  size: () => number,
): Sign {
  const byKey = new Map(signers.map((signer) => [toBase64url(signer.publicKey), signer]))
  return (message) => {
    const key = statementKeyAt(certified, origin, size())?.certificate.key
    const signer = key === undefined ? undefined : byKey.get(key)
    if (signer === undefined)
      throw new NodeError('FROZEN', `the statement key of leaf ${size()} does not lie here`)
    return signer.sign(message)
  }
}

/** Why this node may sign no further leaf under the keys that the roster names; null while it may. */
export function keyFault(
  certified: CertifiedKeys,
  origin: string,
  signers: readonly Ed25519Signer[],
  size: number,
): string | null {
  const newest = certified.nodes.findLast((node) => node.origin === origin)
  const keys = new Set(signers.map(({ publicKey }) => toBase64url(publicKey)))
  const missing = [size, newest?.from ?? 0]
    .map((index) => statementKeyAt(certified, origin, Math.max(index, size)))
    .find((found) => found !== null && !keys.has(found.certificate.key))
  if (missing != null)
    return `the statement key ${missing.certificate.key}, which the roster names, does not lie here: see docs/recovery.md`
  const revoked = statementKeyAt(certified, origin, Math.max(size, newest?.from ?? 0))?.revoked
  if (revoked == null) return null
  return `the statement key of this node is revoked (${revoked.reason}): make another with \`entente key rotate --now\`, and have a new roster signed; see docs/recovery.md`
}

/**
 * Brings the log to where the newest key begins, with pads signed by the old one, and logs every certificate and revocation of our
 * own that it does not name yet; each is a group of its own. The first certificate is the one that the genesis stands under.
 */
export function logKeyChanges(deps: Deps, log: ReleaseLog): void {
  const { db, origin, self } = deps
  const { member } = self
  const begins = member.nodes.findLast((node) => node.origin === origin)?.from ?? 0
  while (log.head().size < begins) {
    const count = Math.min(PADS_AT_ONCE, begins - log.head().size)
    append(
      deps,
      log,
      Array.from({ length: count }, () => ['pad', {}] as const),
    )
  }
  const logged = new Set(
    db
      .prepare("SELECT jws FROM statement WHERE kind = 'key' AND jws IS NOT NULL")
      .all()
      .map((row) => (peekJws(row['jws'] as string).payload as { readonly seal: string }).seal),
  )
  for (const { action, origin: of, from, seal } of member.keyChanges) {
    const isFirst = action === 'certify' && from === 0
    if (of === origin && !isFirst && !logged.has(seal))
      append(deps, log, [['key', { action, seal }]])
  }
}

function append(
  deps: Deps,
  log: ReleaseLog,
  statements: readonly (readonly [kind: Leaf['kind'], payload: object])[],
): void {
  const atMs = log.nextAtMs()
  deps.db.transact(() => {
    // The pads before a new key fill the log exactly up to its first leaf.
    const put = statements.every(([kind]) => kind === 'pad') ? log.appendExactly : log.append
    put(
      statements.map(([kind, payload]) => ({
        kind,
        jws: signJws(
          statementType(kind),
          { origin: deps.origin, at: atMs, ...payload },
          deps.signStatement,
        ),
        salt: deps.randomBytes(32),
        atMs,
        feed: null,
        seq: null,
      })),
    )
  })
  log.noteHead()
}
