import { type Nation, peekJws } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'

/** Feeds of partners that wait behind a statement which was refused. Known while this process lives: the next one is sent it again. */
export interface StoppedFeeds {
  readonly refused: (stream: string, from: Partner, jws: string, message: string) => void
  /** All that may go on a stream has been taken. */
  readonly cameThrough: (stream: string) => void
  /** Why a feed of this nation waits, in words, or null. */
  readonly of: (nation: Nation) => string | null
}

interface Stopped {
  readonly nation: Nation
  readonly feed: string
  readonly seq: number
  readonly message: string
}

export function createStoppedFeeds({ db }: Pick<Deps, 'db'>): StoppedFeeds {
  const stopped = new Map<string, Stopped>()
  /** By this stream, another, or courier. */
  const isPast = ({ feed, seq }: Stopped): boolean =>
    db.prepare('SELECT 1 FROM feed_in WHERE feed = ? AND seq >= ?').get(feed, seq) !== undefined
  return {
    refused: (stream, { nation }, jws, message) => {
      stopped.set(stream, { nation, message, ...placeOf(jws) })
    },
    cameThrough: (stream) => stopped.delete(stream),
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
function placeOf(jws: string): Pick<Stopped, 'feed' | 'seq'> {
  const first = { feed: statementHash(jws), seq: 0 }
  try {
    const { feed, seq } = peekJws(jws).payload as {
      readonly feed?: unknown
      readonly seq?: unknown
    }
    return typeof feed === 'string' && Number.isSafeInteger(seq)
      ? { feed, seq: seq as number }
      : first
  } catch {
    return first
  }
}
