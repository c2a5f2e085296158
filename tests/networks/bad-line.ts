import { createConnection, createServer, type Server, type Socket } from 'node:net'
import type { Random } from '../simulation/random.ts'

/** What a line does to what is sent on it; TCP turns loss and reordering into waits. */
export interface Manners {
  /** One way. */
  readonly delayMs: number
  /** Of chunks, in percent, those that wait for what was lost before them. */
  readonly lossPercent: number
  readonly retransmitMs: number
  /** Connections end after so many bytes; null: never. */
  readonly bytesBeforeReset: number | null
}

/** A line to a node, which carries bytes badly. */
export interface BadLine extends AsyncDisposable {
  readonly set: (manners: Partial<Manners>) => void
  /** Nothing arrives any more, and nobody is told. */
  readonly silence: () => void
  /** What was connected breaks, and new connections are carried again. */
  readonly restore: () => void
  readonly resets: () => number
}

/**
 * Listens at `from` of loopback and carries to `to`.
 */
export async function createBadLine(
  from: number,
  to: number,
  start: Manners,
  random: Random,
): Promise<BadLine> {
  let manners = start
  let silent = false
  let resets = 0
  const sockets = new Set<Socket>()
  const carry = (source: Socket, sink: Socket): void => {
    let carried = 0
    let last = 0
    source.on('data', (bytes: Buffer) => {
      if (silent) return
      carried += bytes.length
      const { delayMs, lossPercent, retransmitMs, bytesBeforeReset } = manners
      if (bytesBeforeReset !== null && carried > bytesBeforeReset) {
        resets++
        source.resetAndDestroy()
        sink.resetAndDestroy()
        return
      }
      const lost = random.chance(lossPercent) ? retransmitMs : 0
      // What comes after a lost packet waits for it.
      last = Math.max(last, performance.now() + delayMs + lost)
      setTimeout(() => {
        if (!silent && sink.writable) sink.write(bytes)
      }, last - performance.now())
    })
    source.on('end', () => setTimeout(() => sink.end(), manners.delayMs + manners.retransmitMs))
    source.on('error', () => sink.destroy())
    source.on('close', () => sockets.delete(source))
    sockets.add(source)
  }
  const server: Server = createServer((socket) => {
    if (silent) return void sockets.add(socket)
    const onward = createConnection(to, '127.0.0.1')
    carry(socket, onward)
    carry(onward, socket)
  })
  await new Promise<void>((resolve) => server.listen(from, '127.0.0.1', resolve))
  return {
    set: (change) => {
      manners = { ...manners, ...change }
    },
    silence: () => {
      silent = true
    },
    restore: () => {
      silent = false
      for (const socket of sockets) socket.destroy()
    },
    resets: () => resets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
