import { Acknowledgement, peekJws } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import type { RecipientFrame } from '../feed/frames.ts'
import type { LastTaken, Position } from './courier-tables.ts'

type Resume = Extract<RecipientFrame, { readonly t: 'resume' }>

/**
 * From where a bundle goes on: from what the recipient said in its last bundle, or has acknowledged since by another way. Not from what
 * was given last: that may never have come.
 */
export function positionOf(deps: Deps, { nation }: Partner, taken: LastTaken | null): Position {
  const acked = deps.db
    .prepare(
      'SELECT ack_received.jws AS jws FROM ack_received JOIN feed_out USING (feed) WHERE recipient = ? AND ack_received.at_ms > ?',
    )
    .all(nation, taken?.takenMs ?? -1)
    .map((row) => Acknowledgement.parse(peekJws(row['jws'] as string).payload))
    .map(({ feed, seq, statement }) => ({ feed, seq, hash: statement }))
  const since = (said: readonly RecipientFrame[]): RecipientFrame[] => {
    const [first, ...rest] = said
    const told: Resume = first?.t === 'resume' ? first : nothing
    const feeds = new Map([...told.feeds, ...acked].map((head) => [head.feed, head]))
    return [{ ...told, feeds: [...feeds.values()] }, ...rest]
  }
  return { control: since(taken?.position.control ?? []), feed: since(taken?.position.feed ?? []) }
}

const nothing: Resume = { t: 'resume', checkpoint: null, feeds: [] }

/** Size of our log that the recipient said it holds a checkpoint of. */
export function sizeHeld({ feed: [first] }: Position): number {
  return first?.t === 'resume' ? (first.checkpoint?.size ?? 0) : 0
}
