import { formatBase64 } from '@entente/tlog'
import type { Admission } from '../../admit/admit.ts'
import { AdmitError } from '../../admit/codes.ts'
import { largestCheckpoint } from '../../admit/evidence.ts'
import { createFrameTaker, type FrameTaker } from '../../courier/take-frames.ts'
import type { Deps, Partner } from '../../deps.ts'
import type { HeadFrame } from '../../feed/frames.ts'
import type { HeldTree, PassedFrame, PassedItem, Reached } from './frames.ts'

/** What our receiver passed on, on its way to the door of this node; how far it got is kept, so that it need not come again. */
export interface PassedTaker {
  readonly name: string | null
  readonly reached: () => Reached
  /** The largest tree of each log that is held here. */
  readonly trees: () => readonly HeldTree[]
  readonly journal: (name: string) => void
  readonly item: (item: PassedItem) => void
  /** @returns how far this node has come with each log now */
  readonly all: (end: Extract<PassedFrame, { t: 'all' }>) => Reached
  /** What was refused on this stream, in words. */
  readonly refused: () => readonly { readonly code: string; readonly message: string }[]
}

/** So many checkpoints are dealt with together; where none of them is vouched for, with the next so many. */
const AT_ONCE = 200
/** The list of the receiver does not go on from what is here: it was set back, or has begun anew. All of it is gone through again. */
const startsAnew = [
  'CHECKPOINT_BASE',
  'CHECKPOINT_ROLLBACK',
  'FEED_GAP',
  'FEED_UNKNOWN',
  'POLICY_MISSING',
]

/** @param deps with all nations of the roster as partners, also at a node that has nothing else to do with them */
export function createPassedTaker(deps: Deps, admission: Admission): PassedTaker {
  const { db } = deps
  const byOrigin = new Map<string, Partner>(
    [...deps.partners.values(), ...deps.further].map((partner) => [partner.log.origin, partner]),
  )
  const rows = db.prepare('SELECT origin, name, n FROM passed_from').all()
  let name = (rows[0]?.['name'] as string | undefined) ?? null
  const reached = new Map(rows.map((row) => [row['origin'] as string, row['n'] as number]))
  const takers = new Map<string, FrameTaker>()
  /** Logs of which something was refused: they stay where they are. */
  const stuck = new Set<string>()
  /** Checkpoints that wait for one that is vouched for. */
  const chains = new Map<string, HeadFrame[]>()

  const keep = (): void => {
    db.transact(() => {
      db.exec('DELETE FROM passed_from')
      const put = db.prepare('INSERT INTO passed_from(origin, name, n) VALUES (?, ?, ?)')
      for (const [origin, n] of reached) put.run(origin, name ?? '', n)
    })
  }
  const takerOf = (partner: Partner): FrameTaker => {
    const { origin } = partner.log
    const taker = takers.get(origin) ?? createFrameTaker(deps, admission, partner, () => [], plain)
    takers.set(origin, taker)
    return taker
  }
  const isStuck = (origin: string): boolean => {
    const [bad] = takers.get(origin)?.refused ?? []
    if (bad !== undefined && !stuck.has(origin)) {
      if (startsAnew.includes(bad.code)) reached.delete(origin)
      stuck.add(origin)
    }
    return stuck.has(origin)
  }
  /** @param isAll no more of them come now: what is wrong with one that nobody vouches for is said */
  const takeHeads = (partner: Partner, isAll: boolean): void => {
    const { origin } = partner.log
    const chain = chains.get(origin) ?? []
    const left = chain.slice(dealWith(partner, chain))
    chains.set(origin, isAll ? [] : left)
    if (isAll) for (const head of left) takerOf(partner).take(head, undefined)
  }
  const dealWith = (partner: Partner, chain: readonly HeadFrame[]): number => {
    if (chain.length === 0) return 0
    try {
      return admission.history(partner, chain)
    } catch (error) {
      if (!(error instanceof AdmitError)) throw error
      return 0
    }
  }
  const list = (): Reached => [...reached].map(([origin, n]) => ({ origin, n }))
  const refused = () => [...takers.values()].flatMap((taker) => taker.refused)
  return {
    get name() {
      return name
    },
    reached: list,
    trees: () =>
      [...byOrigin.keys()].flatMap((origin) => {
        const held = largestCheckpoint(deps, origin)
        return held === null ? [] : [{ origin, size: held.size, root: formatBase64(held.root) }]
      }),
    journal: (theirs) => {
      if (theirs !== name) reached.clear()
      name = theirs
    },
    item: ({ n, origin, frame }) => {
      const partner = byOrigin.get(origin)
      // Of a nation that this node’s roster does not name: it comes again once that is installed.
      if (partner === undefined) {
        stuck.add(origin)
        return
      }
      if (frame.t === 'head') {
        const chain = chains.get(origin) ?? []
        chains.set(origin, chain)
        chain.push(frame)
        if (chain.length % AT_ONCE === 0) takeHeads(partner, false)
        return
      }
      takeHeads(partner, true)
      const taker = takerOf(partner)
      taker.take(frame, undefined)
      if (!isStuck(origin)) reached.set(origin, n)
    },
    all: ({ n, without }) => {
      for (const partner of byOrigin.values()) takeHeads(partner, true)
      for (const origin of byOrigin.keys())
        if (!isStuck(origin) && !without.includes(origin)) reached.set(origin, n)
      keep()
      return list()
    },
    refused,
  }
}

const plain = ({ message }: { readonly message: string }): string => message
