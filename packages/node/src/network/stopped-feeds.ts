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

/** Of one stream; whoever stops more of them is told of these. */
const MOST_STOPPED = 64

interface Stopped {
  readonly stream: string
  readonly nation: Nation
  /** Null: any of the stream. */
  readonly place: Place | null
  readonly message: string
  /** How far that feed had come. */
  readonly cameTo: number
}
interface Place {
  readonly feed: string
  readonly seq: number
}
const SaidPlace = z.object({ feed: Digest.nullable(), seq: z.int().min(0) })

export function createStoppedFeeds({ db }: Pick<Deps, 'db'>): StoppedFeeds {
  /** By stream and feed. */
  const stopped = new Map<string, Stopped>()
  const ofStream = (stream: string) => [...stopped].filter(([, one]) => one.stream === stream)
  /** By this stream, another, or courier. What a feed resumes behind is `body_seq`: a statement can be refused after its place is taken. */
  const isPast = ({ nation, place, cameTo }: Stopped): boolean =>
    place !== null && comesTo(nation, place) >= Math.max(place.seq, cameTo + 1)
  const comesTo = (nation: Nation, { feed }: Place): number =>
    Number(
      db.prepare('SELECT body_seq FROM feed_in WHERE feed = ? AND sender = ?').get(feed, nation)?.[
        'body_seq'
      ] ?? -1,
    )
  return {
    refused: (stream, { nation }, jws, message) => {
      const place = jws === null ? null : placeOf(jws)
      const cameTo = place === null ? -1 : comesTo(nation, place)
      const key = `${stream} ${place?.feed ?? ''}`
      if (!stopped.has(key) && ofStream(stream).length >= MOST_STOPPED) return
      stopped.set(key, { stream, nation, message, place, cameTo })
    },
    cameThrough: (stream) => {
      for (const [key] of ofStream(stream)) stopped.delete(key)
    },
    goesOn: (stream) => {
      for (const [key, { place }] of ofStream(stream)) if (place === null) stopped.delete(key)
    },
    of: (nation) => {
      for (const [key, one] of stopped) {
        if (isPast(one)) stopped.delete(key)
        else if (one.nation === nation) return one.message
      }
      return null
    },
  }
}

/** As it says itself: nobody has signed for it that we believe. The first of a feed gives it its name. Null: it names no place. */
export function placeOf(jws: string): Place | null {
  try {
    const place = SaidPlace.safeParse(peekJws(jws).payload)
    return place.success
      ? { feed: place.data.feed ?? statementHash(jws), seq: place.data.seq }
      : null
  } catch {
    return null
  }
}
