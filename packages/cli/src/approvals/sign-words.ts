import { randomBytes } from 'node:crypto'
import type { QueueItem, SignedWord } from '@entente/node'
import {
  type ApprovalOpening,
  type DecisionSeal,
  decisionSealType,
  digestApproval,
  digestDisclosure,
  type Nation,
  type Sign,
  signJws,
  toBase64url,
} from '@entente/schema'
import { CliError } from '../cli-error.ts'

/** What an officer says beside yes or no. */
export interface Speech {
  readonly decision: 'approve' | 'deny'
  /** When an approval runs out, ms; null in a refusal. */
  readonly untilMs: number | null
  readonly reason?: string | undefined
}

/**
 * Signs a word on each item, where the key is. What is signed is what was shown: the value of an item must be the one that its digest
 * names.
 * @throws {CliError} `FILE_FORM`
 */
export function signWords(
  nation: Nation,
  items: readonly QueueItem[],
  { decision, untilMs, reason }: Speech,
  sign: Sign,
): readonly SignedWord[] {
  return items.map(({ id, subject, because, authors, disclosure }): SignedWord => {
    if (digestDisclosure(disclosure) !== subject.value || disclosure[1] !== subject.field)
      throw new CliError('FILE_FORM', `${id}: the value shown is not the one that would be signed`)
    const content = {
      ...subject,
      because: [...because],
      authors: [...authors],
      until: decision === 'approve' ? untilMs : null,
      ...(reason !== undefined && { reason }),
    }
    const opening: ApprovalOpening = [toBase64url(randomBytes(16)), content]
    const seal: DecisionSeal = { nation, about: digestApproval(opening), decision }
    return { decision, opening, seal: signJws(decisionSealType, seal, sign) }
  })
}
