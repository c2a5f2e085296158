import { peekJws } from '@entente/schema'
import { statementHash } from '../../log/leaf.ts'
import { encodePassed, type PassedItem } from './frames.ts'

type StatementItem = Extract<PassedItem['frame'], { readonly t: 'statement' }>

/**
 * The frames in which an item goes. What a partner gave in a frame as large as there may be is larger with its place: then the bodies go after
 * their statement, each by itself, as those that came late do.
 * @param most bytes of a frame
 * @param leaveOut told of what does not fit all the same: it stays here, and costs nobody but its own log
 */
export function* fittingFrames(
  item: PassedItem,
  most: number,
  leaveOut: (bytes: number) => void,
): Iterable<Uint8Array> {
  const whole = encodePassed(item)
  const { frame } = item
  if (whole.length <= most) {
    yield whole
    return
  }
  for (const part of frame.t === 'statement' ? apart(frame) : []) {
    const bytes = encodePassed({ ...item, frame: part })
    if (bytes.length <= most) yield bytes
    else leaveOut(bytes.length)
  }
  if (frame.t !== 'statement') leaveOut(whole.length)
}

/** What is dropped stays with its statement: it has no body. */
function* apart(frame: StatementItem): Iterable<PassedItem['frame']> {
  const { jws, openings, bodies } = frame
  const given = openings.map((opening, i) => ({ opening, body: bodies[i] }))
  const dropped = given.filter(({ body }) => body === null)
  yield {
    ...frame,
    openings: dropped.map(({ opening }) => opening),
    bodies: dropped.map(() => null),
  }
  // Verified when it was admitted.
  const place = peekJws(jws).payload as { readonly feed: string | null; readonly seq: number }
  const feed = place.feed ?? statementHash(jws)
  for (const { opening, body } of given)
    if (body !== null) yield { t: 'body', feed, seq: place.seq, opening, body }
}
