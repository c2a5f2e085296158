import { type Nation, utf8 } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { parseFrameJson } from '../frame-json.ts'
import type { JointDocuments } from '../joint/joint.ts'
import { decodeHave, GivenFrame, type HaveFrame, jointProtocol } from '../joint/joint-frames.ts'
import type { Channel, Transport } from '../ports/transport.ts'
import { createRateLimit, type Rate, TOO_OFTEN } from './rate-limit.ts'

/** How often one partner may ask for what it lacks. */
const ASK_RATE: Rate = { burst: 64, perSecond: 4 }
/** Frames that bring nothing new, one after the other: who sends more is heard again later. */
const MOST_IDLE = 512
const retryMs = [200, 500, 1_000, 2_000, 5_000, 15_000]
/** Asked again even without news: what was refused for what was missing may be complete by now. */
const askAgainMs = 60_000

/** Keeps, with every partner, a stream on which it tells what it has of joint documents and is given what it lacks. */
export async function createJointLinks(context: {
  readonly deps: Deps
  readonly transport: Transport
  readonly joint: JointDocuments
  /** False while this node may have lost state: it takes and gives nothing. */
  readonly mayReceive: () => boolean
}): Promise<AsyncDisposable> {
  const { deps, transport, joint, mayReceive } = context
  const byPeer = new Map(
    [...deps.partners.values()].map((partner) => [partner.certificate.peerId, partner]),
  )
  const asked = createRateLimit(ASK_RATE)
  const stop = new AbortController()
  const { signal } = stop
  const returns = new Map<Nation, () => void>()

  const serve = async (channel: Channel): Promise<void> => {
    const partner = byPeer.get(channel.peerId)
    if (partner === undefined) throw new Error('this peer is not in the roster')
    const { nation } = partner
    const send = (frame: GivenFrame) => channel.send(utf8(JSON.stringify(frame)), { signal })
    let have: HaveFrame | null = null
    /** Until they ask they need not be told twice. */
    let isTold = true
    const tell = async (): Promise<void> => {
      if (have === null || isTold || signal.aborted || !mayReceive()) return
      if (joint.missing(nation, have, 1).length === 0) return
      isTold = true
      await send({ t: 'news' })
    }
    let changes = 0
    const off = joint.onChanged(() => {
      changes++
      tell().catch((error: Error) => channel.abort(error))
    })
    try {
      for await (const bytes of channel.frames) {
        if (signal.aborted) return
        if (!asked.take(nation)) throw new Error(`${nation} ${TOO_OFTEN}`)
        const said = decodeHave(bytes)
        const before = changes
        for (const frame of mayReceive() ? joint.missing(nation, said) : []) await send(frame)
        await send({ t: 'done' })
        have = said
        isTold = false
        if (changes !== before) await tell()
      }
    } finally {
      off()
    }
  }
  await transport.handle(jointProtocol, serve)

  const receive = async (partner: Partner): Promise<void> => {
    let failures = 0
    while (!signal.aborted) {
      try {
        if (mayReceive()) {
          await using channel = await transport.open(partner.certificate.peerId, jointProtocol, {
            signal,
          })
          await hear(channel, partner, () => {
            failures = 0
          })
        }
      } catch {
        if (signal.aborted) return
      }
      await pause(partner.nation, retryMs[Math.min(failures++, retryMs.length - 1)] ?? 1_000)
    }
  }
  const pause = (nation: Nation, ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms).unref()
      function done(): void {
        clearTimeout(timer)
        returns.delete(nation)
        signal.removeEventListener('abort', done)
        resolve()
      }
      returns.set(nation, done)
      signal.addEventListener('abort', done, { once: true })
    })

  const hear = async (channel: Channel, partner: Partner, onGood: () => void): Promise<void> => {
    const ask = () => channel.send(utf8(JSON.stringify(joint.held(partner.nation))), { signal })
    const end = () => channel.abort(new Error('the node is closing'))
    signal.addEventListener('abort', end, { once: true })
    const again = setInterval(() => void ask().catch(() => {}), askAgainMs).unref()
    let isNew = false
    let given = 0
    let idle = 0
    try {
      await ask()
      for await (const bytes of channel.frames) {
        if (signal.aborted || !mayReceive()) return
        const frame = GivenFrame.parse(parseFrameJson(bytes))
        if (frame.t === 'news') await ask()
        else if (frame.t === 'done') {
          if (isNew || given === 0) onGood()
          given = 0
          // As long as something of it was new there may be more.
          if (isNew) await ask()
          isNew = false
        } else {
          given++
          if (await joint.take(partner, frame)) {
            isNew = true
            idle = 0
          } else if (++idle > MOST_IDLE)
            throw new Error(`${partner.nation} gives only what is known or refused`)
        }
      }
    } finally {
      clearInterval(again)
      signal.removeEventListener('abort', end)
    }
  }
  const off = transport.on(({ kind, peerId }) => {
    const nation = byPeer.get(peerId)?.nation
    if (kind === 'connected' && nation !== undefined) returns.get(nation)?.()
  })
  const running = [...deps.partners.values()].map(receive)
  return {
    [Symbol.asyncDispose]: async () => {
      off()
      stop.abort()
      await Promise.allSettled(running)
    },
  }
}
