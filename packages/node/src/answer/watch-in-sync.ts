import type { Nation } from '@entente/schema'
import type { Transport } from '../ports/transport.ts'
import { noteInSync, SYNC_LOOK_MS } from './in-sync.ts'
import { partnersInSync, type SyncContext, syncOf } from './status/sync.ts'

/** Notes when partners were last in sync with us, while a node is served. */
export interface SyncWatch extends Disposable {
  /** Somebody has looked. */
  readonly found: (inSync: readonly Nation[]) => void
}

/**
 * Looks every few seconds, when a partner leaves, and when this node does: who comes and goes between two looks was in sync all the same.
 * @param serving whether this node knows that its log is whole
 * @param onFault told why nothing could be noted
 */
export function watchInSync(
  context: SyncContext,
  transport: Transport,
  serving: () => boolean,
  onFault: (error: unknown) => void,
): SyncWatch {
  const { db, clock, partners } = context.deps
  const note = (look: () => readonly Nation[]): void => {
    try {
      if (serving()) noteInSync(db, clock.nowMs(), look())
    } catch (error) {
      onFault(error)
    }
  }
  const all = () => partnersInSync(context)
  /** It was connected until now, and nothing else has changed. */
  const untilNow: SyncContext = {
    ...context,
    link: (nation) => {
      const link = context.link(nation)
      return link && { ...link, connected: true }
    },
  }
  const off = transport.on(({ kind, peerId }) => {
    if (kind !== 'disconnected') return
    const left = [...partners.values()].find(({ certificate }) => certificate.peerId === peerId)
    if (left === undefined) return
    note(() => (syncOf(untilNow, left.nation).inSync ? [left.nation] : []))
  })
  const looking = setInterval(() => note(all), SYNC_LOOK_MS).unref()
  return {
    found: (inSync) => note(() => inSync),
    [Symbol.dispose]: () => {
      off()
      clearInterval(looking)
      note(all)
    },
  }
}
