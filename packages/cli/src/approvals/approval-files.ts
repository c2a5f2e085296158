import type { QueueShown, SignedWord } from '@entente/node'
import { ApprovalOpening, ApprovalSubject, Disclosure, Nation } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../cli-error.ts'
import { readJsonFile, writeJsonFile } from '../files.ts'

const Item = z.strictObject({
  id: z.string(),
  state: z.enum(['waiting', 'held', 'refused', 'approved']),
  subject: ApprovalSubject,
  title: z.string(),
  dataset: z.string(),
  classification: z.string().nullable(),
  because: z.array(z.string()),
  authors: z.array(z.string()),
  disclosure: Disclosure,
  needed: z.int().min(1),
  signed: z.array(z.strictObject({ name: z.string(), untilMs: z.int().nullable() })),
  standing: z.boolean(),
  sinceMs: z.int().nullable(),
  overdue: z.boolean(),
  heldUntilMs: z.int().nullable(),
  holdReason: z.string().nullable(),
})

/** What waits, carried to where an officer's key is. It shows values: it is written for its owner alone. */
const QueueFile = z.strictObject({
  format: z.literal('entente-approval-queue/1'),
  nation: Nation,
  atMs: z.int(),
  edition: z.int().nullable(),
  untilMs: z.int().nullable(),
  officers: z.array(z.string()),
  items: z.array(Item),
})

/** Officers' words, carried back to the node. */
const WordsFile = z.strictObject({
  format: z.literal('entente-approvals/1'),
  nation: Nation,
  words: z
    .array(
      z.strictObject({
        decision: z.enum(['approve', 'deny']),
        opening: ApprovalOpening,
        seal: z.string(),
      }),
    )
    .min(1),
})

export function writeQueueFile(path: string, queue: QueueShown): void {
  writePrivate(path, { format: 'entente-approval-queue/1', ...queue })
}

/** @throws {CliError} `FILE_MISSING`, `FILE_FORM` */
export function readQueueFile(path: string): QueueShown {
  const { format: _, ...queue } = parse(path, QueueFile, 'a queue that `release queue --out` wrote')
  return queue
}

export function writeWordsFile(path: string, nation: string, words: readonly SignedWord[]): void {
  writePrivate(path, { format: 'entente-approvals/1', nation, words })
}

/** @throws {CliError} `FILE_MISSING`, `FILE_FORM` */
export const readWordsFile = (path: string): readonly SignedWord[] =>
  parse(path, WordsFile, 'signed approvals that `release approve --out` wrote').words

const writePrivate = (path: string, value: unknown): void => writeJsonFile(path, value, 0o600)

function parse<T>(path: string, schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(readJsonFile(path))
  if (parsed.success) return parsed.data
  throw new CliError('FILE_FORM', `${path} is not ${what}: ${z.prettifyError(parsed.error)}`)
}
