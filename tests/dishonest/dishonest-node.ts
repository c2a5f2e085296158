import {
  controlProtocol,
  feedProtocol,
  type StatementFrame,
  witnessProtocol,
} from '@entente/node/testing'
import { type Nation, utf8 } from '@entente/schema'
import type { Federation } from '../support/federation.ts'
import { createHostileSender, type HostileSender } from '../support/hostile-sender.ts'
import { createRawPartner } from '../support/raw-partner.ts'

/** A node on the real network that says whatever it is told to, to one partner. */
export interface DishonestNode extends AsyncDisposable {
  readonly sender: HostileSender
  /** Sends one frame as soon as the partner asks again, made for the size of our log that it then holds. */
  readonly say: (make: (heldSize: number) => StatementFrame) => void
  /** Acknowledgements that have come back. */
  readonly acknowledgements: string[]
}

export async function createDishonestNode(
  federation: Federation,
  as: Nation,
  to: Nation,
): Promise<DishonestNode> {
  const raw = await createRawPartner(federation, as, to)
  const sender = createHostileSender(federation, as, to, Date.now())
  const acknowledgements: string[] = []
  let pending: ((heldSize: number) => StatementFrame) | null = null
  let heldSize = 0
  /** Says what waits, on the stream that listens now; null while nobody does. */
  let speak: ((frame: object) => void) | null = null
  const flush = () => {
    if (pending === null || speak === null) return
    const frame = pending(heldSize)
    const say = speak
    pending = speak = null
    say(frame)
    // What is refused is told with the next resume.
    heldSize = sender.size()
  }
  await raw.transport.handle(witnessProtocol, async (channel) => {
    for await (const _ of channel.frames) {
      await channel.send(utf8('404\nno checkpoint\n'))
      return
    }
  })
  for (const protocol of [controlProtocol, feedProtocol])
    await raw.transport.handle(protocol, async (channel) => {
      const send = (frame: object) => channel.send(utf8(JSON.stringify(frame))).catch(() => {})
      for await (const bytes of channel.frames) {
        const frame = JSON.parse(Buffer.from(bytes).toString()) as {
          readonly t: string
          readonly jws?: string
          readonly checkpoint?: { readonly size: number } | null
        }
        if (protocol !== feedProtocol) {
          if (frame.t === 'resume') await send({ t: 'resumed' })
          continue
        }
        const jws = frame.jws ?? ''
        const known = acknowledgements.includes(jws)
        if (frame.t === 'ack') acknowledgements.push(jws)
        // After each resume the last word comes again; it does not answer what was just said.
        if (frame.t === 'ack' && known) continue
        if (frame.t === 'resume') {
          heldSize = frame.checkpoint?.size ?? 0
          await send({ t: 'resumed' })
        }
        speak = (said) => void send(said)
        flush()
      }
    })
  return {
    sender,
    acknowledgements,
    say: (make) => {
      pending = make
      flush()
    },
    [Symbol.asyncDispose]: () => raw[Symbol.asyncDispose](),
  }
}
