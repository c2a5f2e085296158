import { isClosed } from '../../admit/closed-view.ts'
import type { Deps, Partner, Sibling } from '../../deps.ts'
import { keysFrame } from '../../keys/frames.ts'
import { type Channel, MAX_FRAME_BYTES } from '../../ports/transport.ts'
import { fittingFrames } from './fitting-frames.ts'
import {
  decodePassed,
  encodePassed,
  type HeldTree,
  type PassedFrame,
  type PassedItem,
  WantedFrame,
} from './frames.ts'
import { type Join, joinTree, type Prove } from './join-tree.ts'
import { lastPassed, passedItems } from './passed-items.ts'
import { noteReached, noteSent } from './passed-to.ts'
import { passingName } from './passing.ts'

export interface PassingSource {
  readonly deps: Deps
  /** Revocations, and recalls by the word of a nation, that are known here, as they were signed. */
  readonly keys: () => { readonly seals: readonly string[]; readonly recalls: readonly string[] }
  /** False while this node may have lost what was taken back. */
  readonly mayPass: () => boolean
  readonly prove: Prove
  /** Of the channels; by default that of every transport. */
  readonly maxFrameBytes?: number
  /** Calls back whenever something may have been admitted. */
  readonly onNews: (listener: () => void) => () => void
}

/** Passes on to another node of our nation what this one admitted, for as long as the channel lives. */
export async function passOn(
  source: PassingSource,
  channel: Channel,
  sibling: Sibling,
): Promise<void> {
  const { deps, maxFrameBytes = MAX_FRAME_BYTES } = source
  const ended = new AbortController()
  const name = passingName(deps)
  /** From where the next items go; null: the other node has not said yet. */
  let at: Map<string, number> | null = null
  let trees = new Map<string, HeldTree>()
  /** Logs of which it has got, on this stream, what goes on from what it held. */
  const joined = new Set<string>()
  let told = ''
  let keysTold = ''
  let wakeUp: () => void = () => {}

  const send = (frame: PassedFrame) => channel.send(encodePassed(frame), { signal: ended.signal })
  const leftOut = ({ origin, frame }: PassedItem, bytes: number): void =>
    deps.journal.fault({
      where: 'received',
      code: 'FRAME_TOO_LARGE',
      message: `a ${frame.t} of ${origin} is not passed on to ${sibling.name}: it takes ${bytes} bytes, and a frame ${maxFrameBytes}`,
    })
  const sendKeys = async (): Promise<boolean> => {
    const { seals, recalls } = source.keys()
    const keys = keysFrame(seals, recalls)
    const text = JSON.stringify(keys)
    if (text === keysTold) return false
    keysTold = text
    await send({ t: 'keys', keys })
    return true
  }
  /** Nothing goes of a nation whose values are not shown here, since this node may lack what it has taken back. */
  const joinOf = async (
    partner: Partner,
    from: ReadonlyMap<string, number>,
  ): Promise<Join | 'waits' | null> => {
    const { origin } = partner.log
    if (isClosed(deps, partner.nation)) return 'waits'
    if (joined.has(origin)) return null
    return joinTree(deps, partner, trees.get(origin), from.get(origin) ?? 0, source.prove)
  }
  const sendNews = async (from: Map<string, number>): Promise<void> => {
    const hasKeys = await sendKeys()
    const until = lastPassed(deps)
    const going: Partner[] = []
    const without: string[] = []
    const joins = new Map<string, Join>()
    for (const partner of [...deps.partners.values(), ...deps.further]) {
      const join = await joinOf(partner, from)
      if (join === 'waits') without.push(partner.log.origin)
      else going.push(partner)
      if (join !== null && join !== 'waits') joins.set(partner.log.origin, join)
    }
    const now = `${until} ${without.join(' ')}`
    if (now === told && !hasKeys) return
    noteSent(deps, sibling.peerId, until)
    for (const item of passedItems(deps, going, from, until)) {
      const { n, origin, frame } = item
      const join = joins.get(origin)
      const isJoin = frame.t === 'head' && join?.n === n
      const passed = isJoin ? { ...item, frame: { ...frame, base: join.base } } : item
      for (const bytes of fittingFrames(passed, maxFrameBytes, (size) => leftOut(passed, size)))
        await channel.send(bytes, { signal: ended.signal })
      if (isJoin) joined.add(origin)
      if (ended.signal.aborted) return
    }
    for (const { log } of going) from.set(log.origin, until)
    told = now
    await send({ t: 'all', n: until, without })
  }
  const pump = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const news = new Promise<void>((resolve) => {
        wakeUp = resolve
      })
      if (at !== null && source.mayPass()) await sendNews(at)
      await news
    }
  }

  const off = source.onNews(() => wakeUp())
  const pumping = pump().catch((error: unknown) => {
    if (!ended.signal.aborted)
      channel.abort(error instanceof Error ? error : new Error(String(error)))
  })
  try {
    for await (const bytes of channel.frames) {
      const frame = decodePassed(bytes, WantedFrame)
      if (frame.t === 'from') {
        if (at !== null) throw new Error(`${sibling.name} says twice from where it wants`)
        const last = lastPassed(deps)
        // Of a list that was longer once, as before a copy was put back, the numbers are given again.
        const isSame = frame.name === name && frame.reached.every(({ n }) => n <= last)
        const reached = isSame ? frame.reached : []
        noteReached(deps, sibling.peerId, reached)
        await send({ t: 'journal', name })
        trees = new Map(frame.trees.map((tree) => [tree.origin, tree]))
        at = new Map(reached.map(({ origin, n }) => [origin, n]))
      } else {
        noteReached(deps, sibling.peerId, frame.reached, frame.recalls)
      }
      wakeUp()
    }
  } finally {
    ended.abort()
    off()
    wakeUp()
    await pumping
  }
}
