import { z } from 'zod'
import { digestOf } from './hash.ts'
import { openJws, peekJws, type Sign, signJws, type Verify } from './jws.ts'
import type { Nation } from './nation.ts'
import { isKeyRevoked } from './revocation.ts'
import { openRootWord, type Rooted } from './root-succession.ts'
import { keyBytes, type Member } from './roster.ts'
import { statementType } from './statement/kind.ts'
import { NodeRecall, recalledRecords } from './statement/nation-recall.ts'
import { AtMs } from './statement/said.ts'

/**
 * A nation's root takes back, from everybody, all that any log of its nation has given of some records, and all that others have handed
 * on of them: also where the node that released them is frozen, lost or offline. Later puts of them count where they name it.
 */
export const RootRecall = z.strictObject({ ...recalledRecords, at: AtMs })
export type RootRecall = z.infer<typeof RootRecall>
export const rootRecallType = 'entente-root-recall'

/** A recall by a nation's word, as its root or one of its nodes signed it, whoever brings it. */
export interface NationRecall {
  readonly recall: RootRecall
  /** Log of the node whose statement it is; null: the root has signed it. */
  readonly origin: string | null
  /** Digest of what it says: by it puts and purges name it. As a place it is the one statement of a feed of its own, at 0. */
  readonly digest: string
  /** Compact JWS. */
  readonly seal: string
  /** The key that signed it is revoked, after whatever leaf, or its node certified anew to release no longer: nobody who is handed it could tell it from a thief's. It does not count. */
  readonly isRevoked: boolean
}

export type NationRecallCode =
  | 'ROOT_RECALL_FORM'
  | 'ROOT_RECALL_NATION'
  | 'ROOT_RECALL_SIGNATURE'
  | 'NODE_RECALL_NODE'
  | 'NODE_RECALL_SIGNATURE'
  | 'NODE_RECALL_REVOKED'
  | 'NODE_RECALL_MANY'

/** A recall that does not count. */
export class NationRecallError extends Error {
  override readonly name = 'NationRecallError'
  readonly code: NationRecallCode
  constructor(code: NationRecallCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Of a member, what says who speaks for it. */
type Speakers = Pick<Member, 'root' | 'successions' | 'nodes' | 'revocations'>

/** Most recalls by the word of a nation that one put names. */
export const MOST_RECALLS_NAMED = 8

/**
 * Which of the recalls of a record, by the word of its sender or its originator, a put of it must name: those of roots first, then by digest,
 * as many as one names. Sorted.
 */
export const recallsThatMustBeNamed = (
  words: readonly { readonly digest: string; readonly isByRoot: boolean }[],
): readonly string[] =>
  words
    .toSorted((a, b) => Number(b.isByRoot) - Number(a.isByRoot) || (a.digest < b.digest ? -1 : 1))
    .slice(0, MOST_RECALLS_NAMED)
    .map(({ digest }) => digest)
    .sort()

export const sealRootRecall = (recall: RootRecall, sign: Sign): string =>
  signJws(rootRecallType, RootRecall.parse(recall), sign)

/**
 * Opens a recall that somebody has told: the root of the nation that it names must have signed it, or a certified node of that nation which
 * releases for it. So anybody may carry it.
 * @throws {NationRecallError} `ROOT_RECALL_FORM`, `ROOT_RECALL_NATION` (not in the roster), `ROOT_RECALL_SIGNATURE`,
 * `NODE_RECALL_NODE` (no such node of that nation, or one that may not), `NODE_RECALL_SIGNATURE`
 */
export function openNationRecall(
  members: ReadonlyMap<Nation, Speakers>,
  seal: string,
  verify: Verify,
): NationRecall {
  const { typ, payload } = peek(seal)
  const byNode = typ === statementType('nation-recall') ? NodeRecall.safeParse(payload) : null
  const said = byNode ?? RootRecall.safeParse(payload)
  if (!said.success)
    throw new NationRecallError(
      'ROOT_RECALL_FORM',
      'this is no recall that a root or a node has signed',
    )
  const { nation, records, purge, reason, at } = said.data
  const recall = { nation, records, purge, reason, at }
  const member = members.get(nation)
  if (member === undefined)
    throw new NationRecallError(
      'ROOT_RECALL_NATION',
      `${nation}, of which it is, is not in the roster`,
    )
  const opened = { recall, digest: digestOf(said.data), seal }
  if (byNode?.data !== undefined) {
    const { origin } = byNode.data
    const key = nodeKey(member, nation, origin, seal, verify)
    const isRevoked = isKeyRevoked(member, key) || !mayRelease(member.nodes, origin)
    return { ...opened, origin, isRevoked }
  }
  if (!isSignedByRoot(member, seal, verify))
    throw new NationRecallError(
      'ROOT_RECALL_SIGNATURE',
      `the root of ${nation} has not signed this recall`,
    )
  return { ...opened, origin: null, isRevoked: false }
}

const releases = ({ roles }: Speakers['nodes'][number]): boolean =>
  roles?.includes('releaser') ?? true

/** By its newest certificate: where that lets it release no longer, no key that it ever had does. */
const mayRelease = (nodes: Speakers['nodes'], origin: string): boolean => {
  const newest = nodes.findLast((node) => node.origin === origin)
  return newest !== undefined && releases(newest)
}

/** @returns the statement key of that node which has signed it */
function nodeKey(
  { nodes }: Speakers,
  nation: Nation,
  origin: string,
  seal: string,
  verify: Verify,
): string {
  const able = nodes.filter((node) => node.origin === origin && releases(node))
  if (able.length === 0)
    throw new NationRecallError(
      'NODE_RECALL_NODE',
      `${origin} is the log of no node that the root of ${nation} has certified to release for it`,
    )
  // A node has changed its key, and what it signed with the one before counts on.
  const by = able.findLast(({ key }) =>
    isSignedBy(seal, statementType('nation-recall'), keyBytes(key), verify),
  )
  if (by === undefined)
    throw new NationRecallError(
      'NODE_RECALL_SIGNATURE',
      `the node of ${nation} whose log is ${origin} has not signed this recall`,
    )
  return by.key
}

function isSignedBy(seal: string, type: string, key: Uint8Array, verify: Verify): boolean {
  try {
    openJws(seal, type, key, verify)
    return true
  } catch {
    return false
  }
}

/** By the present root, or one before it: what was taken back stays so. */
function isSignedByRoot(rooted: Rooted, seal: string, verify: Verify): boolean {
  try {
    openRootWord(rooted, seal, rootRecallType, verify)
    return true
  } catch {
    return false
  }
}

function peek(seal: string): { readonly typ: string; readonly payload: unknown } {
  try {
    return peekJws(seal)
  } catch {
    return { typ: '', payload: null }
  }
}
