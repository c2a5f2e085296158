import { randomBytes } from 'node:crypto'
import { loadOwn } from '@entente/node'
import {
  entryOf,
  type NoticeFrame,
  type StatementFrame,
  statementHash,
} from '@entente/node/testing'
import { PolicyDocument, SignedPolicy, sealOf } from '@entente/policy'
import {
  type Disclosure,
  digestDisclosure,
  digestFragment,
  digestOpening,
  type Entry,
  type Fragment,
  type FragmentHead,
  type Json,
  type Nation,
  type Opening,
  signJws,
  statementType,
  toBase64url,
  toHex,
} from '@entente/schema'
import {
  consistencyProof,
  cosign,
  createMemoryTree,
  formatBase64,
  formatNote,
  formatTlogProof,
  inclusionProof,
  leafHash,
  parseNote,
  type Signer,
  sha256,
  signCheckpoint,
} from '@entente/tlog'
import type { Federation } from './federation.ts'

type Said = Readonly<Record<string, unknown>>
export interface Logged {
  readonly index: number
  readonly jws: string
  readonly salt: Uint8Array
}

/**
 * A node that has the sender's own keys and signs whatever it is told to, well formed or not: what a captured or a
 * dishonest partner can do. Witnesses cosign whatever it shows, unless they are left out.
 */
export interface HostileSender {
  readonly origin: string
  readonly size: () => number
  /** Signs and logs any payload as any kind. */
  readonly log: (kind: string, payload: unknown) => Logged
  /** Commits a signed policy of the nation. */
  readonly logPolicy: (document: unknown, change?: Said) => Logged
  /** Payload of an honest release as the next statement of the feed. */
  readonly release: (entries: readonly Opening[], change?: Said) => Said
  /** What an honest sender would send with a logged statement, under the checkpoint of the whole log. */
  readonly frame: (
    statement: Logged,
    parts?: Partial<StatementFrame> & { readonly baseSize?: number },
  ) => StatementFrame
  readonly notice: (statement: Logged, openings: readonly Opening[]) => NoticeFrame
  /** Notes that the statement stands in its feed, so that the next `release` follows it. */
  readonly follow: (statement: Logged) => void
  /** Of the whole log, cosigned. */
  readonly checkpoint: () => string
  /** Of the whole log, under its own key alone. */
  readonly signedCheckpoint: () => string
  /** Takes the last leaves back, as if they had never been. */
  readonly truncate: (size: number) => void
  /** That the whole log extends itself at this size. */
  readonly consistency: (oldSize: number) => Uint8Array[]
}

export function createHostileSender(
  federation: Pick<Federation, 'folder' | 'sign'>,
  nation: Nation,
  recipient: Nation,
  time: number | (() => number),
  witnesses: readonly Nation[] = [recipient],
): HostileSender {
  const atMs = typeof time === 'number' ? () => time : time
  const { keys, logSigner, config, genesisSeal } = loadOwn(federation.folder(nation))
  const cosigners: Signer[] = witnesses.map((each) => loadOwn(federation.folder(each)).cosigner)
  let tree = createMemoryTree()
  const leaves: Logged[] = []
  let feed: string | null = null
  let last: string | null = null
  let seq = 0
  let policy: Logged | null = null

  const log = (kind: string, payload: unknown): Logged => {
    const jws = signJws(statementType(kind), payload, keys.statement.sign)
    const salt = new Uint8Array(randomBytes(32))
    tree.append([leafHash(entryOf(jws, salt))])
    const logged = { index: leaves.length, jws, salt }
    leaves.push(logged)
    return logged
  }
  const signed = () =>
    signCheckpoint({ origin: config.origin, size: tree.size(), root: tree.root() }, logSigner)
  const checkpoint = () => {
    const { text, signatures } = parseNote(signed())
    const timeS = Math.floor(atMs() / 1000)
    const added = cosigners.map((cosigner) => cosign(text, cosigner, timeS))
    return formatNote({ text, signatures: [...signatures, ...added] })
  }
  const consistency = (oldSize: number) =>
    consistencyProof(oldSize, tree.size(), tree.hashAt, sha256)
  const inclusion = (index: number) => inclusionProof(index, tree.size(), tree.hashAt, sha256)
  log('genesis', { origin: config.origin, at: atMs(), nation, seal: genesisSeal })
  return {
    origin: config.origin,
    size: () => tree.size(),
    log,
    checkpoint,
    signedCheckpoint: signed,
    consistency,
    truncate: (size) => {
      leaves.length = size
      tree = createMemoryTree()
      tree.append(leaves.map(({ jws, salt }) => leafHash(entryOf(jws, salt))))
    },
    logPolicy: (document, change = {}) => {
      const { edition, digest, from, until } = sealOf(PolicyDocument.parse(document))
      const { signatures } = SignedPolicy.parse(federation.sign(nation, document))
      const payload = { edition, digest, from, until, signatures, ...change }
      policy = log('policy', { origin: config.origin, at: atMs(), ...payload })
      return policy
    },
    release: (openings, change = {}) => ({
      origin: config.origin,
      at: atMs(),
      feed,
      seq,
      prev: last,
      recipient,
      dataset: 'production',
      effect: 'widen',
      entries: openings.map((opening) => digestOpening(opening)).sort(),
      policy: policy?.index ?? 0,
      inputs: toBase64url(new Uint8Array(32)),
      ...change,
    }),
    frame: (statement, { baseSize = 0, ...parts } = {}) => ({
      t: 'statement',
      jws: statement.jws,
      salt: toHex(statement.salt),
      proof: formatTlogProof({
        index: statement.index,
        hashes: inclusion(statement.index),
        checkpoint: checkpoint(),
      }),
      base: {
        size: baseSize,
        hashes:
          baseSize === 0 || baseSize === tree.size() ? [] : consistency(baseSize).map(formatBase64),
      },
      ...(policy === null
        ? {}
        : {
            policy: {
              jws: policy.jws,
              salt: toHex(policy.salt),
              index: policy.index,
              hashes: inclusion(policy.index).map(formatBase64),
            },
          }),
      openings: [],
      bodies: [],
      ...parts,
    }),
    notice: (statement, openings) => ({
      t: 'notice',
      jws: statement.jws,
      salt: toHex(statement.salt),
      proof: formatTlogProof({
        index: statement.index,
        hashes: inclusion(statement.index),
        checkpoint: signed(),
      }),
      openings: [...openings],
    }),
    follow: (statement) => {
      last = statementHash(statement.jws)
      feed ??= last
      seq++
    },
  }
}

const salt16 = () => toBase64url(new Uint8Array(randomBytes(16)))
export const newRecordId = (): FragmentHead['id'] =>
  `urn:entente:${randomBytes(16).toString('hex')}`

/** A well-formed fragment of these fields. */
export function fragmentOf(
  originator: Nation,
  fields: Readonly<Record<string, Json>>,
  id: FragmentHead['id'] = newRecordId(),
): Fragment {
  const disclosures = Object.entries(fields).map(
    ([field, value]): Disclosure => [salt16(), field, value],
  )
  return {
    head: {
      id,
      kind: 'capability',
      originator,
      asOf: '2026-09-01',
      status: 'active',
      handling: { originator_control: true, onward_release: 'ask' },
      banner: { classification: 'UNCLASSIFIED', caveats: [] },
      sd: disclosures.map((disclosure) => digestDisclosure(disclosure)).sort(),
    },
    disclosures,
  }
}

/** The entry that names a fragment honestly, opened. */
export function putOf(
  { head, disclosures }: Fragment,
  change: Partial<Extract<Entry, { op: 'put' }>> = {},
): Opening {
  const fields = disclosures.map(([, field]) => field)
  return [
    salt16(),
    {
      op: 'put',
      record: head.id,
      digest: digestFragment(head),
      fields,
      authority: fields.map(() => 'Exercise arrangement'),
      ...change,
    },
  ]
}

export const dropOf = (record: FragmentHead['id'], fields?: readonly string[]): Opening => [
  salt16(),
  { op: 'drop', record, ...(fields === undefined ? {} : { fields }) },
]
