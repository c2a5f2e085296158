import { isKeyRevoked, toHex } from '@entente/schema'
import type { Deps, Sibling } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { sleep } from '../network/sleep.ts'
import type { Channel, Transport } from '../ports/transport.ts'
import { answersFor } from '../records/check-order.ts'
import { createCopies } from './copies.ts'
import { ledgerProtocol } from './frames.ts'
import { runLedgerSession } from './ledger-session.ts'

/** How it stands with another node of the nation. */
export interface SiblingLink {
  readonly peerId: string
  readonly name: string
  readonly drafts: boolean
  readonly connected: boolean
  /** When both ledgers were last known to say the same; null: not since this node was started. */
  readonly evenAtMs: number | null
  /** Why nothing comes of it, or null. */
  readonly trouble: string | null
}

/** Keeps one stream with every other node of the nation, for ever, over which the ledger goes both ways. */
export interface SiblingLinks extends AsyncDisposable {
  readonly links: () => readonly SiblingLink[]
  /** A key of ours was revoked: the stream with the node whose it is ends at once. */
  readonly revoked: () => void
}

const retryMs = [200, 500, 1_000, 2_000, 5_000, 15_000]

/** @param decides false at a node that only drafts: it takes all that the others have taken */
export async function createSiblingLinks({
  deps,
  ledger,
  transport,
  decides,
}: {
  readonly deps: Deps
  readonly ledger: Ledger
  readonly transport: Transport
  readonly decides: boolean
}): Promise<SiblingLinks> {
  const byPeer = new Map(deps.siblings.map((sibling) => [sibling.peerId, sibling]))
  const copies = createCopies(deps.db, () => toHex(deps.randomBytes(16)))
  const links = new Map<string, SiblingLink>(
    deps.siblings.map(({ peerId, name, drafts }) => [
      peerId,
      { peerId, name, drafts, connected: false, evenAtMs: null, trouble: null },
    ]),
  )
  const set = (peerId: string, change: Partial<SiblingLink>): void => {
    const now = links.get(peerId)
    if (now !== undefined) links.set(peerId, { ...now, ...change })
  }
  const stop = new AbortController()
  const live = new Map<string, Channel>()

  /** A laptop that was stolen is no node of ours any more: of the ledger it gets nothing. */
  const taken = ({ name, key }: Sibling): string | null =>
    isKeyRevoked(deps.self.member, key)
      ? `the key of ${name} is revoked: nothing is said to it`
      : null
  const run = async (channel: Channel, sibling: Sibling): Promise<void> => {
    const { peerId } = sibling
    const trouble = taken(sibling)
    if (trouble !== null) throw new Error(trouble)
    // A node that lost its line opens another before we hear of the loss.
    live.get(peerId)?.abort(new Error('another stream has taken the place of this one'))
    live.set(peerId, channel)
    try {
      await runLedgerSession(
        {
          ledger,
          copies,
          answersFor: decides ? answersFor(deps) : null,
          onEven: () => set(peerId, { evenAtMs: deps.clock.nowMs(), trouble: null }),
        },
        channel,
        sibling,
      )
    } catch (error) {
      const isOurs = live.get(peerId) === channel
      const message = error instanceof Error ? error.message : String(error)
      if (isOurs && !stop.signal.aborted) set(peerId, { trouble: message })
      if (error instanceof NodeError)
        deps.journal.fault({ where: 'ledger', code: error.code, message })
      else throw error
    } finally {
      if (live.get(peerId) === channel) live.delete(peerId)
    }
  }

  if (byPeer.size > 0)
    await transport.handle(ledgerProtocol, async (channel) => {
      const sibling = byPeer.get(channel.peerId)
      // A partner is listed as well: of the ledger it gets nothing, not even a reason.
      if (sibling === undefined) throw new Error('this peer is no node of our nation')
      await run(channel, sibling)
    })

  /** Ends the wait before a stream is opened again. */
  const returns = new Map<string, AbortController>()
  const keepOpen = async (sibling: Sibling): Promise<void> => {
    const { peerId } = sibling
    let failures = 0
    while (!stop.signal.aborted && taken(sibling) === null) {
      const startedMs = performance.now()
      try {
        await using channel = await transport.open(peerId, ledgerProtocol, { signal: stop.signal })
        await run(channel, sibling)
      } catch (error) {
        if (stop.signal.aborted) return
        set(peerId, { trouble: error instanceof Error ? error.message : String(error) })
      }
      if (performance.now() - startedMs > 10_000) failures = 0
      const returned = new AbortController()
      returns.set(peerId, returned)
      await sleep(
        retryMs[Math.min(failures++, retryMs.length - 1)] ?? 1_000,
        AbortSignal.any([stop.signal, returned.signal]),
      )
    }
  }
  const off = transport.on(({ kind, peerId }) => {
    const sibling = byPeer.get(peerId)
    if (sibling === undefined) return
    set(peerId, { connected: kind === 'connected' })
    if (kind === 'connected') returns.get(peerId)?.abort()
  })
  for (const peerId of transport.connected()) set(peerId, { connected: true })
  // Of two nodes one opens the stream: the one with the lesser peer id.
  const running = deps.siblings
    .filter(({ peerId }) => transport.peerId < peerId)
    .map((sibling) => keepOpen(sibling))
  return {
    links: () => [...links.values()],
    revoked: () => {
      for (const sibling of deps.siblings) {
        const trouble = taken(sibling)
        if (trouble === null) continue
        live.get(sibling.peerId)?.abort(new Error(trouble))
        // Last: it stays what is wrong with this link.
        live.delete(sibling.peerId)
        set(sibling.peerId, { trouble })
      }
    },
    [Symbol.asyncDispose]: async () => {
      off()
      stop.abort()
      for (const channel of live.values()) channel.abort(new Error('this node stops'))
      await Promise.allSettled(running)
    },
  }
}
