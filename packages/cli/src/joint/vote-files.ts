import type { ShownDocument } from '@entente/node'
import { ChangeHash, choices, Digest, Nation } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../cli-error.ts'
import { readJsonFile, writeJsonFile } from '../files.ts'

/** What is voted on, carried to where an officer's key is: `lines` say the document as people read it. Written for its owner alone. */
const BallotFile = z.strictObject({
  format: z.literal('entente-joint-ballot/1'),
  nation: Nation,
  document: Digest,
  heads: z.array(ChangeHash).min(1).max(64),
  lines: z.array(z.string()),
})

/** A sealed vote, carried back to the node. */
const VoteFile = z.strictObject({
  format: z.literal('entente-joint-vote/1'),
  document: Digest,
  heads: z.array(ChangeHash).min(1).max(64),
  choice: z.enum(choices),
  seal: z.string().min(1).max(16_384),
})

/** What a vote is about. */
export interface Ballot {
  readonly nation: Nation
  readonly document: string
  readonly heads: readonly string[]
  readonly lines: readonly string[]
}

/** One that a person has sealed. */
export type SealedVote = Omit<z.infer<typeof VoteFile>, 'format'>

export const ballotOf = (
  nation: Nation,
  { id, heads }: Pick<ShownDocument, 'id' | 'heads'>,
  text: string,
): Ballot => ({ nation, document: id, heads, lines: text.split('\n') })

export const writeBallot = (path: string, ballot: Ballot): void =>
  writeJsonFile(path, { format: 'entente-joint-ballot/1', ...ballot }, 0o600)

/** @throws {CliError} `FILE_MISSING`, `FILE_FORM` */
export const readBallot = (path: string): Ballot =>
  parse(path, BallotFile, 'a document that `joint show --out` wrote')

export const writeVote = (path: string, vote: SealedVote): void =>
  writeJsonFile(path, { format: 'entente-joint-vote/1', ...vote }, 0o600)

/** @throws {CliError} `FILE_MISSING`, `FILE_FORM` */
export function readVote(path: string): SealedVote {
  const { format: _, ...vote } = parse(path, VoteFile, 'a vote that `joint vote --out` wrote')
  return vote
}

function parse<T>(path: string, schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(readJsonFile(path))
  if (parsed.success) return parsed.data
  throw new CliError('FILE_FORM', `${path} is not ${what}: ${z.prettifyError(parsed.error)}`)
}
