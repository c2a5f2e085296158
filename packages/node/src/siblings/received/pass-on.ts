import { isClosed } from '../../admit/closed-view.ts'
import type { Deps, Sibling } from '../../deps.ts'
import { keysFrame } from '../../keys/frames.ts'
import type { Channel } from '../../ports/transport.ts'
import { decodePassed, encodePassed, type PassedFrame, WantedFrame } from './frames.ts'
import { lastPassed, passedItems } from './passed-items.ts'
import { noteReached, noteSent } from './passed-to.ts'
import { passingName } from './passing.ts'

export interface PassingSource {
  readonly deps: Deps
  /** Revocations and roots' recalls that are known here, as their roots signed them. */
  readonly keys: () => { readonly seals: readonly string[]; readonly recalls: readonly string[] }
  /** False while this node may have lost what was taken back. */
  readonly mayPass: () => boolean
  /** Calls back whenever something may have been admitted. */
  readonly onNews: (listener: () => void) => () => void
  /** The other node has come further. */
  readonly onReached: () => void
}

/** Passes on to another node of our nation what this one admitted, for as long as the channel lives. */
export async function passOn(
  source: PassingSource,
  channel: Channel,
  sibling: Sibling,
): Promise<void> {
  const { deps } = source
  const ended = new AbortController()
  const name = passingName(deps)
  /** From where the next items go; null: the other node has not said yet. */
  let at: Map<string, number> | null = null
  let told = -1
  let keysTold = ''
  let wakeUp: () => void = () => {}

  const send = (frame: PassedFrame) => channel.send(encodePassed(frame), { signal: ended.signal })
  const mayPass = () =>
    source.mayPass() && ![...deps.partners.keys()].some((nation) => isClosed(deps, nation))
  const sendKeys = async (): Promise<boolean> => {
    const { seals, recalls } = source.keys()
    const keys = keysFrame(seals, recalls)
    const text = JSON.stringify(keys)
    if (text === keysTold) return false
    keysTold = text
    await send({ t: 'keys', keys })
    return true
  }
  const sendNews = async (from: Map<string, number>): Promise<void> => {
    const hasKeys = await sendKeys()
    const until = lastPassed(deps)
    if (until === told && !hasKeys) return
    noteSent(deps, sibling.peerId, until)
    for (const item of passedItems(deps, from, until)) {
      await send(item)
      if (ended.signal.aborted) return
    }
    for (const { log } of [...deps.partners.values(), ...deps.further]) from.set(log.origin, until)
    told = until
    await send({ t: 'all', n: until })
  }
  const pump = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const news = new Promise<void>((resolve) => {
        wakeUp = resolve
      })
      if (at !== null && mayPass()) await sendNews(at)
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
        const isSame = frame.name === name
        const reached = isSame ? frame.reached : []
        noteReached(deps, sibling.peerId, reached)
        await send({ t: 'journal', name })
        at = new Map(reached.map(({ origin, n }) => [origin, n]))
      } else {
        noteReached(deps, sibling.peerId, frame.reached, frame.recalls)
        source.onReached()
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
