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
  statements,
  statementType,
  toBase64url,
  utf8,
  type Verify,
} from '@entente/schema'
import { z } from 'zod'
import { type FindingCode, reasonOf } from '../finding.ts'

/** An opening, and the statement key that is valid at its leaf. */
export interface LeafRow {
  readonly index: number
  readonly jws: string
  /** 32 bytes, hex. */
  readonly salt: string
  /** Base64url. */
  readonly key: string
}

/** What an opening is of: the entry it gives, and the statement in it or why there is none. */
export interface OpenedRow {
  readonly entry: Uint8Array
  readonly opened:
    | {
        readonly kind: KnownKind
        readonly statement: Statement
        /** Base64url SHA-256 of the JWS. */
        readonly digest: string
      }
    | { readonly code: FindingCode; readonly message: string }
}

/** Opens one statement with the key given: signature, kind, form. Pure; the costly part of reading a log. */
export function openLeafRow({ jws, salt, key }: LeafRow, verify: Verify, hash: Hash): OpenedRow {
  const entry = entryOf(jws, fromHex(salt), hash)
  try {
    const { typ } = peekJws(jws)
    const kind = knownKinds.get(typ)
    if (kind === undefined) {
      const message = `the statement is of kind ${typ}`
      return { entry, opened: { code: 'LEAF_KIND', message } }
    }
    const statement = statements[kind].parse(openJws(jws, typ, keyBytes(key), verify))
    return { entry, opened: { kind, statement, digest: digestJws(jws, hash) } }
  } catch (error) {
    const unsigned = error instanceof JwsError && error.code === 'JWS_SIGNATURE'
    const message = error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error)
    return { entry, opened: { code: unsigned ? 'STATEMENT_SIGNATURE' : 'STATEMENT_FORM', message } }
  }
}

/** Entry of a statement in the log: `0x01 || HMAC-SHA-256(salt, JWS)`. */
export const entryOf = (jws: string, salt: Uint8Array, hash?: Hash): Uint8Array =>
  concatBytes(version, hmacSha256(salt, utf8(jws), hash))
const version = Uint8Array.of(1)

/** Base64url SHA-256 of a JWS. */
export const digestJws = (jws: string, hash: Hash): string => toBase64url(hash(utf8(jws)))

const knownKinds = new Map(
  (Object.keys(statements) as KnownKind[]).map((kind) => [statementType(kind), kind]),
)
