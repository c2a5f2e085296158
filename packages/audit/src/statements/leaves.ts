import {
  concatBytes,
  fromHex,
  type Hash,
  hmacSha256,
  JwsError,
  type KnownKind,
  keyBytes,
  openJws,
  peekJws,
  type Statement,
  statementKeyAt,
  statements,
  statementType,
  toBase64url,
  utf8,
} from '@entente/schema'
import { equalBytes } from '@entente/tlog'
import { z } from 'zod'
import type { Bundle, OpeningRow } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { RebuiltLog } from '../log/rebuild-log.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import { checkRootWords } from './root-words.ts'

/** One opened leaf of a log: the statement is signed by the certified key and committed to by the entry. */
export type Leaf<K extends KnownKind = KnownKind> = {
  [Kind in K]: {
    readonly index: number
    readonly kind: Kind
    readonly statement: Statement<Kind>
    /** Base64url SHA-256 of the JWS: what the next statement of the feed and acknowledgements name. */
    readonly digest: string
    /** 32 bytes. */
    readonly salt: Uint8Array
  }
}[K]

/** The leaves of one log that could be read, by index. */
export interface Leaves {
  readonly byIndex: ReadonlyMap<number, Leaf>
  /** Index by digest of the statement. */
  readonly byDigest: ReadonlyMap<string, number>
  /** How many could not: each has its own finding, so what is missing because of them is not reported again. */
  readonly unread: number
}

/** Entry of a statement in the log: `0x01 || HMAC-SHA-256(salt, JWS)`. */
export const entryOf = (jws: string, salt: Uint8Array): Uint8Array =>
  concatBytes(version, hmacSha256(salt, utf8(jws)))
const version = Uint8Array.of(1)

/** Steps 5 and 6, leaf by leaf: opened, of a known kind, signed, of this log. */
export function openLeaves(
  bundle: Bundle,
  log: RebuiltLog,
  trusted: TrustedLog,
  trust: Trust,
  found: AddFinding,
): Leaves {
  const rows = new Map<number, OpeningRow>()
  for (const row of bundle.openings) {
    if (row.index >= log.size) found('LEAF_OPENING', `there is no leaf ${row.index}`, row.index)
    else if (rows.has(row.index))
      found('LEAF_OPENING', `leaf ${row.index} is opened twice`, row.index)
    else rows.set(row.index, row)
  }
  const byIndex = new Map<number, Leaf>()
  for (const [index, entry] of log.entries.entries()) {
    const add: AddFinding = (code, message) => found(code, `leaf ${index}: ${message}`, index)
    const row = rows.get(index)
    if (row === undefined) add('LEAF_UNOPENED', 'there is no opening')
    else if (!equalBytes(entryOf(row.jws, fromHex(row.salt)), entry))
      add('LEAF_OPENING', 'statement and salt do not give the entry')
    else {
      const key = statementKeyAt(trusted.member, trusted.log.origin, index)
      if (key === null) {
        add('STATEMENT_SIGNATURE', `no certificate is for ${trusted.log.origin}`)
        continue
      }
      const leaf = openLeaf(row, keyBytes(key.certificate.key), trust, add)
      if (leaf === null) continue
      if (leaf.statement.origin !== trusted.log.origin)
        add('STATEMENT_ORIGIN', `the statement is of ${leaf.statement.origin}`)
      else byIndex.set(index, leaf)
      // What it says is read all the same: that it may be false is this finding.
      if (key.revoked !== null) add('KEY_REVOKED', `its key is revoked: ${key.revoked.reason}`)
    }
  }
  checkGenesis(byIndex, trusted, found)
  checkRootWords(byIndex, trusted, trust, found)
  const byDigest = new Map([...byIndex.values()].map(({ digest, index }) => [digest, index]))
  return { byIndex, byDigest, unread: log.size - byIndex.size }
}

function openLeaf(
  { index, jws, salt }: OpeningRow,
  key: Uint8Array,
  { verify, hash }: Trust,
  add: AddFinding,
): Leaf | null {
  try {
    const { typ } = peekJws(jws)
    const kind = knownKinds.get(typ)
    if (kind === undefined) {
      add('LEAF_KIND', `the statement is of kind ${typ}`)
      return null
    }
    const parsed: unknown = statements[kind].parse(openJws(jws, typ, key, verify))
    // The schema of this kind has just parsed it.
    return {
      index,
      kind,
      statement: parsed,
      digest: digestJws(jws, hash),
      salt: fromHex(salt),
    } as Leaf
  } catch (error) {
    const unsigned = error instanceof JwsError && error.code === 'JWS_SIGNATURE'
    const why = error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error)
    add(unsigned ? 'STATEMENT_SIGNATURE' : 'STATEMENT_FORM', why)
    return null
  }
}

/** Base64url SHA-256 of a JWS. */
export const digestJws = (jws: string, hash: Hash): string => toBase64url(hash(utf8(jws)))

const knownKinds = new Map(
  (Object.keys(statements) as KnownKind[]).map((kind) => [statementType(kind), kind]),
)

function checkGenesis(
  leaves: ReadonlyMap<number, Leaf>,
  { member }: TrustedLog,
  found: AddFinding,
): void {
  for (const { kind, index, statement } of leaves.values())
    if (kind === 'genesis' ? index !== 0 || statement.nation !== member.nation : index === 0)
      found(
        'GENESIS',
        `leaf ${index} is ${kind}, and leaf 0 must be the genesis of ${member.nation}`,
        index,
      )
}
