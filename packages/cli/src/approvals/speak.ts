import type { TakenWord } from '@entente/node'
import { readSigner } from '@entente/node'
import { parseIsoDate } from '@entente/policy'
import { CliError } from '../cli-error.ts'
import { refuseExisting } from '../files.ts'
import type { Session } from '../session.ts'
import { count, formatTime } from '../text.ts'
import type { Outcome } from '../verb.ts'
import { readQueueFile, readWordsFile, writeWordsFile } from './approval-files.ts'
import { filterOf, pickItems } from './pick-items.ts'
import { formatItems, formatTaken } from './queue-text.ts'
import { signWords } from './sign-words.ts'

/** What an officer typed. */
export interface Spoken {
  readonly id: readonly string[]
  readonly all: boolean
  readonly record?: string | undefined
  readonly nation?: string | undefined
  readonly dataset?: string | undefined
  readonly confirm?: number | undefined
  readonly key?: string | undefined
  readonly until?: string | undefined
  readonly reason?: string | undefined
  readonly from?: string | undefined
  readonly out?: string | undefined
  readonly install?: string | undefined
}

export const carryOptions = [
  {
    flags: '--from <file>',
    purpose: 'a queue that `release queue --out` wrote: no node is needed',
  },
  { flags: '--out <file>', purpose: 'write what is signed here, for --install at the node' },
  { flags: '--install <file>', purpose: 'take in what was signed elsewhere; needs no key' },
] as const

/** An officer's yes or no: signed here, where the key is, and taken in by the node, now or with `--install`. */
export async function speak(
  session: Session,
  decision: 'approve' | 'deny',
  spoken: Spoken,
): Promise<Outcome> {
  const { atNode, io } = session
  if (spoken.install !== undefined) {
    const words = readWordsFile(spoken.install)
    return taken(session, (await atNode((api) => api.approvalTake({ words }))).words)
  }
  const { from, key, out } = spoken
  const approved = spoken.id.length > 0
  const queue =
    from === undefined
      ? await atNode((api) => api.approvalQueue({ ...filterOf(spoken), approved }))
      : readQueueFile(from)
  const { items, shown } = pickItems(queue, spoken)
  if (shown)
    return {
      json: { done: false, selected: items.length, items },
      text: `${formatItems(items, io)}\n\n${count(items.length, 'value')} selected, nothing is signed.${items.length === 0 ? '' : `\nNext: the same with --confirm ${items.length}`}`,
    }
  if (key === undefined) throw new CliError('USAGE', 'name the officer’s key with --key')
  if (out !== undefined) refuseExisting(out)
  const untilMs = decision === 'deny' ? null : untilOf(spoken.until, queue.untilMs)
  const said = { decision, untilMs, reason: spoken.reason }
  const words = signWords(queue.nation, items, said, readSigner(key).sign)
  if (words.length === 0) return { json: { done: false, words: [] }, text: 'nothing is selected' }
  if (out === undefined && from === undefined)
    return taken(session, (await atNode((api) => api.approvalTake({ words }))).words)
  if (out === undefined) throw new CliError('USAGE', 'name a file for what is signed with --out')
  writeWordsFile(out, queue.nation, words)
  const until = untilMs === null ? '' : `, good until ${formatTime(untilMs)}`
  return {
    json: { done: true, file: out, words: words.length, untilMs },
    text: `${out}: ${count(words.length, 'word')} signed${until}\nNext: entente release ${decision === 'deny' ? 'refuse' : 'approve'} --install ${out}`,
  }
}

function taken({ io }: Session, words: readonly TakenWord[]): Outcome {
  const done = words.filter(({ outcome }) => outcome === 'taken').length
  return {
    json: { done: true, taken: done, words },
    text: `${formatTaken(words, io)}\n\n${count(done, 'word')} logged\nNext: entente release preview`,
  }
}

/** @throws {CliError} `USAGE` */
export function untilOf(text: string | undefined, latestMs: number | null): number {
  const at = text === undefined ? latestMs : parseIsoDate(text)
  if (at !== null) return at
  throw new CliError('USAGE', 'say until when with --until, such as 2027-03-31')
}
