import { type Channel, type Transport, witnessProtocol } from '@entente/node/testing'
import { libp2pOf } from './watched-transport.ts'

/** What a node has asked its witnesses, who answer late. */
export interface SlowWitnesses {
  /** For `NodeOptions.transport`. */
  readonly transport: (seed: Uint8Array) => Promise<Transport>
  /** Sizes that were asked to be cosigned, in order. */
  readonly sizes: number[]
  /** Most different sizes that were being cosigned at one time. */
  readonly together: () => number
}

/**
 * The real network of a node, on which witnesses are asked late.
 * @param delay what each question waits for
 */
export function slowWitnesses(folder: string, delay: () => Promise<unknown>): SlowWitnesses {
  const sizes: number[] = []
  const inFlight: number[] = []
  let together = 0
  const delayed = (channel: Channel): Channel => ({
    ...channel,
    send: async (frame, options) => {
      const size = Number(/release-log\/1\n(\d+)\n/.exec(Buffer.from(frame).toString())?.[1])
      if (Number.isNaN(size)) return channel.send(frame, options)
      sizes.push(size)
      inFlight.push(size)
      together = Math.max(together, new Set(inFlight).size)
      await delay()
      inFlight.splice(inFlight.indexOf(size), 1)
      await channel.send(frame, options)
    },
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  })
  return {
    sizes,
    together: () => together,
    transport: async (seed) => {
      const real = await libp2pOf(folder)(seed)
      return {
        ...real,
        open: async (peerId, protocol, options) => {
          const channel = await real.open(peerId, protocol, options)
          return protocol === witnessProtocol ? delayed(channel) : channel
        },
        [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
      }
    },
  }
}
