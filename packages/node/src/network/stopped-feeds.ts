import { Digest, type Nation, peekJws } from '@entente/schema'
import { z } from 'zod'
import type { Deps, Partner } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'

/** Feeds of partners that wait behind what was refused. Known while this process lives: the next one is sent it again. */
export interface StoppedFeeds {
  /** @param jws of the statement that was refused; null: the stream has ended with it, and nothing else of it is known */
  readonly refused: (stream: string, from: Partner, jws: string | null, message: string) => void
  /** All that may go on a stream has been taken. */
  readonly cameThrough: (stream: string) => void
  /** A stream goes on, or begins again, with something else than what ended it: that is refused again if it is still there. */
  readonly goesOn: (stream: string) => void
  /** Why a feed of this nation waits, in words, or null. */
  readonly of: (nation: Nation) => string | null
}

interface Stopped {
  readonly nation: Nation
  /** Null: any of the stream. */
  readonly place: Place | null
  readonly message: string
}
const Place = z.object({ feed: Digest, seq: z.int().min(0) })
type Place = z.infer<typeof Place>

export function createStoppedFeeds({ db }: Pick<Deps, 'db'>): StoppedFeeds {
  const stopped = new Map<string, Stopped>()
  /** By this stream, another, or courier. What a feed resumes behind is `body_seq`: a statement can be refused after its place is taken. */
  const isPast = ({ nation, place }: Stopped): boolean =>
    place !== null &&
    db
      .prepare('SELECT 1 FROM feed_in WHERE feed = ? AND sender = ? AND body_seq >= ?')
      .get(place.feed, nation, place.seq) !== undefined
  return {
    refused: (stream, { nation }, jws, message) => {
      stopped.set(stream, { nation, message, place: jws === null ? null : placeOf(jws) })
    },
    cameThrough: (stream) => stopped.delete(stream),
    goesOn: (stream) => {
      if (stopped.get(stream)?.place === null) stopped.delete(stream)
    },
    of: (nation) => {
      for (const [stream, one] of stopped) {
        if (isPast(one)) stopped.delete(stream)
        else if (one.nation === nation) return one.message
      }
      return null
    },
  }
}

/** As it says itself, in whatever form: nobody has signed for it that we believe. The first of a feed gives it its name. */
function placeOf(jws: string): Place {
  try {
    const place = Place.safeParse(peekJws(jws).payload)
    if (place.success) return place.data
  } catch {
    // It is no statement at all.
  }
  return { feed: statementHash(jws), seq: 0 }
}
