import { setTimeout as sleep } from 'node:timers/promises'
import { spawnChild } from '../child.ts'
import type { Size } from '../size.ts'
import type { PeerVerbs } from './peer-process.ts'

export interface PeerFigures {
  /** Until the other end holds every record. */
  readonly moveMs: number
  /** From each change to its being there at the other end. */
  readonly editsMs: readonly number[]
}

/** Records in one document of the peer. */
const perDocument = 100
/** Documents that edits fall on, in turn: each is edited often enough to be warm. */
const editedDocuments = 3
/** A `Repo` sends changes of one document at most this often: closer edits would time its throttle. */
const throttleMs = 110

/** A `Repo` in a process of its own that holds the records; it takes long to fill, and serves every round. */
export interface Peer extends AsyncDisposable {
  /** Moves everything to a new `Repo` in another process, then edits. */
  readonly measure: () => Promise<PeerFigures>
}

/** Two automerge-repo `Repo`s over its WebSocket adapter. */
export async function openPeer(size: Size): Promise<Peer> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(spawnChild<PeerVerbs>(new URL('peer-process.ts', import.meta.url)))
  const { port, urls } = await server.call('serve', {
    count: size.records,
    seed: size.seed,
    perDocument,
  })
  const owned = stack.move()
  let edits = 0
  return {
    measure: async () => {
      await using client = spawnChild<PeerVerbs>(new URL('peer-process.ts', import.meta.url))
      await client.call('connect', { port })
      const moveMs = await client.call('fetch', { urls, count: size.records })
      const editsMs: number[] = []
      for (let i = 0; i < size.warmUp + size.peerEdits; i++) {
        await sleep(throttleMs)
        const document = i % Math.min(editedDocuments, urls.length)
        const change = {
          url: urls[document] ?? '',
          record: `r${document * perDocument + 1}`,
          text: `Exercise row: revision${edits++}x`,
        }
        const seen = client.call('seen', change)
        const startMs = await server.call('edit', change)
        editsMs.push((await seen) - startMs)
      }
      return { moveMs, editsMs: editsMs.slice(size.warmUp) }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
