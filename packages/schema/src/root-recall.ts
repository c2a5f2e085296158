import { z } from 'zod'
import { digestOf } from './hash.ts'
import { peekJws, type Sign, signJws, type Verify } from './jws.ts'
import { Nation } from './nation.ts'
import { RecordId } from './record.ts'
import { openRootWord, type Rooted } from './root-succession.ts'
import { AtMs } from './statement/said.ts'

/**
 * A nation's root takes back, from everybody, all that any log of its nation has given of some records, and all that others have handed
 * on of them: also where the node that released them is frozen, lost or offline. Later puts of them count where they name it.
 */
export const RootRecall = z.strictObject({
  nation: Nation,
  records: z.array(RecordId).min(1).max(16).readonly(),
  /** Whoever held it must delete the bytes, and say so. */
  purge: z.boolean(),
  reason: z.string().min(1).max(200),
  at: AtMs,
})
export type RootRecall = z.infer<typeof RootRecall>
export const rootRecallType = 'entente-root-recall'

/** A recall as a root signed it, whoever brings it. */
export interface SignedRootRecall {
  readonly recall: RootRecall
  /** Digest of what it says: by it puts and purges name it. As a place it is the one statement of a feed of its own, at 0. */
  readonly digest: string
  /** Compact JWS. */
  readonly seal: string
}

export type RootRecallCode = 'ROOT_RECALL_FORM' | 'ROOT_RECALL_NATION' | 'ROOT_RECALL_SIGNATURE'

/** A recall that does not count. */
export class RootRecallError extends Error {
  override readonly name = 'RootRecallError'
  readonly code: RootRecallCode
  constructor(code: RootRecallCode, message: string) {
    super(message)
    this.code = code
  }
}

export const sealRootRecall = (recall: RootRecall, sign: Sign): string =>
  signJws(rootRecallType, RootRecall.parse(recall), sign)

/**
 * Opens a recall that somebody has told: the root of the nation that it names must have signed it, so that anybody may carry it.
 * @throws {RootRecallError} `ROOT_RECALL_FORM`, `ROOT_RECALL_NATION` (not in the roster), `ROOT_RECALL_SIGNATURE`
 */
export function openRootRecall(
  members: ReadonlyMap<Nation, Rooted>,
  seal: string,
  verify: Verify,
): SignedRootRecall {
  const said = RootRecall.safeParse(peek(seal))
  if (!said.success)
    throw new RootRecallError('ROOT_RECALL_FORM', 'this is no recall that a root has signed')
  const { nation } = said.data
  const member = members.get(nation)
  if (member === undefined)
    throw new RootRecallError(
      'ROOT_RECALL_NATION',
      `${nation}, of which it is, is not in the roster`,
    )
  try {
    openRootWord(member, seal, rootRecallType, verify)
  } catch {
    throw new RootRecallError(
      'ROOT_RECALL_SIGNATURE',
      `the root of ${nation} has not signed this recall`,
    )
  }
  return { recall: said.data, digest: digestOf(said.data), seal }
}

function peek(seal: string): unknown {
  try {
    return peekJws(seal).payload
  } catch {
    return null
  }
}
