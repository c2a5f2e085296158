import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { loadOwn } from '@entente/node'
import { type Channel, controlProtocol, feedProtocol, witnessProtocol } from '@entente/node/testing'
import { fromUtf8, utf8 } from '@entente/schema'
import {
  cosign,
  formatBase64,
  formatSignatureLine,
  parseAddCheckpoint,
  sha256,
  treeRoot,
} from '@entente/tlog'
import type { Random } from './random.ts'
import { virtualNowMs } from './virtual-world.ts'
import type { Tamper } from './world.ts'

/** What nodes do that hold their nation's true keys and do not keep the rules. Each wraps the lines of a real node. */

/** Changes what this process sends on the streams that it serves. */
const onServed =
  (change: (channel: Channel) => Channel): Tamper =>
  (transport) => ({
    ...transport,
    handle: (protocol, handler) =>
      transport.handle(protocol, (channel) =>
        handler(
          protocol === feedProtocol || protocol === controlProtocol ? change(channel) : channel,
        ),
      ),
  })
type Said = { readonly t: string; readonly [key: string]: unknown }
const read = (frame: Uint8Array) => JSON.parse(fromUtf8(frame)) as Said
const isStatement = (frame: Uint8Array) => read(frame).t === 'statement'

/** Cosigns whatever it is shown, and remembers nothing. */
export const liesAsWitness: Tamper = (transport, folder) => {
  const { cosigner } = loadOwn(folder)
  const answer = (request: string): string => {
    const [verb = '', body = ''] = request.split(/\n\n([\s\S]*)/)
    if (!verb.startsWith('POST')) return '404\nno checkpoint\n'
    const { text } = parseAddCheckpoint(body).note
    return `200\n${formatSignatureLine(cosign(text, cosigner, Math.floor(virtualNowMs() / 1000)))}`
  }
  return {
    ...transport,
    handle: (protocol, handler) =>
      transport.handle(
        protocol,
        protocol !== witnessProtocol
          ? handler
          : async (channel) => {
              for await (const frame of channel.frames) {
                await channel.send(utf8(answer(fromUtf8(frame))))
                return
              }
            },
      ),
  }
}

/** Sends statements of before once more, now and then. */
export const replays = (random: Random): Tamper => {
  const sent = new Map<string, Uint8Array[]>()
  return onServed((channel) => ({
    ...channel,
    send: async (frame, options) => {
      await channel.send(frame, options)
      if (!isStatement(frame)) return
      const before = sent.get(channel.peerId) ?? []
      before.push(frame.slice())
      sent.set(channel.peerId, before)
      if (random.chance(40)) await channel.send(random.pick(before), options)
    },
  }))
}

/** Leaves statements out, now and then. */
export const withholds = (random: Random): Tamper =>
  onServed((channel) => ({
    ...channel,
    send: async (frame, options) => {
      if (isStatement(frame) && random.chance(40)) return
      await channel.send(frame, options)
    },
  }))

/** Sends a statement after the one that follows it, now and then. */
export const reorders = (random: Random): Tamper =>
  onServed((channel) => {
    let kept: Uint8Array | null = null
    return {
      ...channel,
      send: async (frame, options) => {
        if (kept === null && isStatement(frame) && random.chance(40)) {
          kept = frame.slice()
          return
        }
        await channel.send(frame, options)
        if (kept === null) return
        const late = kept
        kept = null
        await channel.send(late, options)
      },
    }
  })

/** Takes everything in and says nothing about it. */
export const neverAcknowledges: Tamper = (transport) => ({
  ...transport,
  open: async (peerId, protocol, options) => {
    const channel = await transport.open(peerId, protocol, options)
    if (protocol === witnessProtocol) return channel
    return {
      ...channel,
      send: async (frame, sending) => {
        if (read(frame).t !== 'ack') await channel.send(frame, sending)
      },
    }
  },
})

/**
 * One half of a node that keeps two logs: it does not ask whether there is another, and takes whatever checkpoint of
 * its log a partner holds for one of this half.
 */
export const forks: Tamper = (transport, folder) => {
  const tampered = onServed((channel) => ({
    ...channel,
    frames: mapped(channel.frames, (frame) => {
      const said = read(frame)
      const size = (said['checkpoint'] as { size?: number } | null | undefined)?.size
      if (said.t !== 'resume' || size === undefined) return frame
      const root = rootOf(folder, size)
      return root === null ? frame : utf8(JSON.stringify({ ...said, checkpoint: { size, root } }))
    }),
  }))(transport, folder)
  return {
    ...tampered,
    open: async (peerId, protocol, options) => {
      const channel = await transport.open(peerId, protocol, options)
      if (protocol !== witnessProtocol) return channel
      let asks = false
      return {
        ...channel,
        send: (frame, sending) => {
          asks = fromUtf8(frame).startsWith('GET ')
          return channel.send(frame, sending)
        },
        frames: mapped(channel.frames, (frame) => (asks ? utf8('404\nno checkpoint\n') : frame)),
      }
    },
  }
}

async function* mapped(
  frames: AsyncIterable<Uint8Array>,
  change: (frame: Uint8Array) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) yield change(frame)
}

/** Root of a node's own log at a size, or null when it is not so long. */
export function rootOf(folder: string, size: number): string | null {
  const db = new DatabaseSync(join(folder, 'entente.db'), { readOnly: true })
  try {
    const head = db.prepare('SELECT size FROM head').get()?.['size'] as number | undefined
    if (head === undefined || head < size) return null
    const at = db.prepare('SELECT hash FROM node WHERE level = ? AND idx = ?')
    return formatBase64(
      treeRoot(size, (level, idx) => at.get(level, idx)?.['hash'] as Uint8Array, sha256),
    )
  } finally {
    db.close()
  }
}
