import { z } from 'zod'
import { canonicalJson } from './canonical-json.ts'
import { type OfficerCertificate, PublicKey } from './certificate.ts'
import { Digest } from './digest.ts'
import { openJws, peekJws, type Sign, signJws, type Verify } from './jws.ts'
import { Nation } from './nation.ts'
import { keyBytes } from './roster.ts'
import { ChangeHash, choices, type Vote } from './statement/joint.ts'
import { AtMs } from './statement/said.ts'

/**
 * What a release officer signs who votes on a joint document for the nation: the document, the heads that were looked at, the choice, and
 * when. `key` is the officer's own: a seal says by whom it is, so that every member finds the same fault in it, whatever roster it has.
 */
export const VoteSeal = z.strictObject({
  nation: Nation,
  key: PublicKey,
  document: Digest,
  heads: z.array(ChangeHash).min(1).max(64).readonly(),
  choice: z.enum(choices),
  at: AtMs,
})
export type VoteSeal = z.infer<typeof VoteSeal>
export const voteSealType = 'entente-vote-seal'

/** @returns compact JWS */
export const sealVoteBy = (seal: VoteSeal, sign: Sign): string =>
  signJws(voteSealType, VoteSeal.parse(seal), sign)

/**
 * Why a vote counts for nothing. What is wrong with its bytes: `VOTE_SEAL` (malformed, of another vote, or not signed by the key that it
 * names), `VOTE_REPLAYED` (not later than a seal that its nation has used in the document before). What depends on the roster or on other
 * votes: `VOTE_UNSEALED` (no person has sealed it), `VOTE_PERSON` (the key is of no release officer of its nation, or of none any more),
 * `VOTE_ONCE` (the same person's word counts for another nation already).
 */
export type VoteCode = 'VOTE_SEAL' | 'VOTE_REPLAYED' | 'VOTE_UNSEALED' | 'VOTE_PERSON' | 'VOTE_ONCE'

/** A seal that stands for nothing; the message starts in lower case and says why. */
export class VoteError extends Error {
  override readonly name = 'VoteError'
  readonly code: Extract<VoteCode, 'VOTE_SEAL' | 'VOTE_REPLAYED'>
  constructor(code: VoteError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Opens the seal of a vote: over exactly this vote of this nation, signed by the key that it names, no later than the vote and later than
 * the nation's last seal in the document. It follows from the statements alone; whose key it is, `voterOf` says.
 * @param lastAt when the nation's last seal in this document was made, ms; null: it has none
 * @returns null: the vote has no seal
 * @throws {VoteError}
 */
export function openVoteSeal(
  nation: Nation,
  vote: Pick<Vote, 'document' | 'heads' | 'choice' | 'at' | 'seal'>,
  lastAt: number | null,
  verify: Verify,
): VoteSeal | null {
  if (vote.seal === undefined) return null
  const seal = readVoteSeal(vote.seal, verify)
  const { key, at, ...said } = seal
  const { document, heads, choice } = vote
  if (canonicalJson(said) !== canonicalJson({ nation, document, heads, choice }))
    throw new VoteError(
      'VOTE_SEAL',
      `the person has sealed another vote: ${said.choice} by ${said.nation} on ${said.document.slice(0, 10)} as it stood at ${said.heads.map((head) => head.slice(0, 10)).join(', ')}`,
    )
  if (at > vote.at)
    throw new VoteError('VOTE_SEAL', 'it is sealed at a time after the one at which it was said')
  if (lastAt !== null && at <= lastAt)
    throw new VoteError(
      'VOTE_REPLAYED',
      'its seal is not later than the last one of its nation in this document: an old word may not be said again, seal a new one',
    )
  return seal
}

/** A seal that is signed by the key it names. @throws {VoteError} `VOTE_SEAL` */
export function readVoteSeal(jws: string, verify: Verify): VoteSeal {
  try {
    const { key } = VoteSeal.parse(peekJws(jws).payload)
    return VoteSeal.parse(openJws(jws, voteSealType, keyBytes(key), verify))
  } catch (error) {
    const why = error instanceof z.ZodError ? 'it is malformed' : (error as Error).message
    throw new VoteError('VOTE_SEAL', `its seal is not that of the person it names: ${why}`)
  }
}

/** The officer of the nation who sealed; null: none whom its root certifies now. */
export const voterOf = (
  { nation, key }: Pick<VoteSeal, 'nation' | 'key'>,
  officers: readonly OfficerCertificate[],
): OfficerCertificate | null =>
  officers.find((officer) => officer.nation === nation && officer.key === key) ?? null
