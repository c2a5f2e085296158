import { join } from 'node:path'
import { readSigner } from '@entente/node'
import { type Nation, sealVoteBy, toBase64url, type VoteSeal } from '@entente/schema'
import type { Federation } from '../support/federation.ts'
import type { Member } from './members.ts'

type Choice = VoteSeal['choice']

/** What an officer of a nation seals: with the officer's own key, unless another key file of the federation's is named. */
export function sealOf(
  federation: Pick<Federation, 'root'>,
  said: Omit<VoteSeal, 'key'>,
  file = `${said.nation}.officer.pem`,
): string {
  const { sign, publicKey } = readSigner(join(federation.root, 'authority', file))
  return sealVoteBy({ ...said, key: toBase64url(publicKey) }, sign)
}

/** A vote as the verb makes it. */
export function sealedVote(
  federation: Pick<Federation, 'root'>,
  nation: Nation,
  document: string,
  heads: readonly string[],
  choice: Choice,
  at = Date.now(),
) {
  return {
    document,
    choice,
    heads,
    seal: sealOf(federation, { nation, document, heads, choice, at }),
  }
}

/** The clock of a member stands: each word is sealed a moment after the one before. */
let moment = 0
export const nextMoment = ({ deps }: Member): number => deps.clock.nowMs() - 1_000_000 + moment++

/** A member votes under the seal of its officer, on what the document says now unless said. */
export async function voted(
  federation: Pick<Federation, 'root'>,
  member: Member,
  document: string,
  choice: Choice,
  heads?: readonly string[],
): Promise<readonly string[]> {
  const now = heads ?? (await member.joint.show(document)).heads
  const at = nextMoment(member)
  const vote = sealedVote(federation, member.nation, document, now, choice, at)
  return member.joint.vote(document, vote)
}
