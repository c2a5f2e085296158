import * as A from '@automerge/automerge'
import type { Sibling } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { AnswersFor } from '../ledger/record/bind-drafted.ts'
import type { ShardDocument } from '../ledger/shards/shard-document.ts'
import type { Channel } from '../ports/transport.ts'
import type { Copies } from './copies.ts'
import {
  decodeLedgerFrame,
  encodeLedgerFrame,
  type LedgerFrame,
  LISTED_AT_ONCE,
  PART_BYTES,
} from './frames.ts'

export interface SessionContext {
  readonly ledger: Pick<Ledger, 'actor' | 'importShard' | 'on' | 'shardHeads' | 'withShard'>
  readonly copies: Copies
  /** Given at a node that decides: what a drafting node widens counts only if this answers for it. */
  readonly answersFor: AnswersFor | null
  /** Both sides have what the other had, as far as is known. */
  readonly onEven: () => void
}

/** Shards of which changes are kept in memory that wait for others. */
const MOST_INCOMPLETE = 4

/**
 * Brings the ledgers of two nodes of one nation together over one stream, and keeps them so for as long as it lives. Who the other
 * side is says the handshake; only shards that one of the two has named are spoken of.
 * @throws {NodeError} `NODE_COPIED`, `ACTOR_TWICE`, `LEDGER_FRAME`
 */
export async function runLedgerSession(
  context: SessionContext,
  channel: Channel,
  sibling: Sibling,
): Promise<void> {
  const { ledger, copies } = context
  const states = new Map<string, A.SyncState>()
  /** Copies with changes whose predecessors have not come yet. */
  const incomplete = new Map<string, A.Doc<ShardDocument>>()
  /** Shards that the other side has named, and what we have told it of ours. */
  const theirs = new Map<string, string>()
  const told = new Map<string, string>()
  const due = new Set<string>()
  /** Shards of theirs whose place another one has here: taken in once, and theirs goes when they hear of that one. */
  const replaced = new Set<string>()
  const ended = new AbortController()
  let actor: string | null = null
  let wakeUp: () => void = () => {}

  const send = (frame: LedgerFrame, bytes?: Uint8Array) =>
    channel.send(encodeLedgerFrame(frame, bytes), { signal: ended.signal })
  const refuse = (why: string) => new NodeError('LEDGER_FRAME', `${sibling.name}: ${why}`)

  /** Names what is new here, and notes which shards have something to say. */
  const list = async (): Promise<void> => {
    const fresh: [string, string][] = []
    for (const [shard, heads] of ledger.shardHeads()) {
      const before = told.get(shard)
      if (before === heads) continue
      told.set(shard, heads)
      if (before === undefined) fresh.push([shard, heads])
      else due.add(shard)
    }
    for (let i = 0; i < fresh.length; i += LISTED_AT_ONCE)
      await send({ t: 'list', shards: fresh.slice(i, i + LISTED_AT_ONCE) })
    for (const [shard, heads] of fresh) if (theirs.get(shard) !== heads) due.add(shard)
  }

  const say = async (shard: string): Promise<void> => {
    if (replaced.has(shard)) return
    const message = await ledger.withShard(shard, (doc) => {
      const at = incomplete.get(shard) ?? doc ?? A.init<ShardDocument>()
      const [state, bytes] = A.generateSyncMessage(at, states.get(shard) ?? A.initSyncState())
      states.set(shard, state)
      return bytes
    })
    if (message === null) return
    const of = Math.max(1, Math.ceil(message.length / PART_BYTES))
    for (let part = 0; part < of; part++)
      await send(
        { t: 'sync', shard, part, of },
        message.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
      )
  }

  const pump = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const news = new Promise<void>((resolve) => {
        wakeUp = resolve
      })
      if (actor !== null) {
        await list()
        for (const shard of [...due]) {
          due.delete(shard)
          await say(shard)
        }
        if (due.size === 0) context.onEven()
      }
      if (due.size === 0) await news
    }
  }

  const hear = async (shard: string, message: Uint8Array): Promise<void> => {
    if (!theirs.has(shard) && !told.has(shard))
      throw refuse(`it speaks of shard ${shard}, which neither side has named`)
    if (replaced.has(shard)) return
    const came = await ledger.withShard(shard, (doc) => {
      const before =
        incomplete.get(shard) ?? (doc === null ? A.init<ShardDocument>() : A.clone(doc))
      incomplete.delete(shard)
      const [next, state] = attempt(() =>
        A.receiveSyncMessage(before, states.get(shard) ?? A.initSyncState(), message),
      )
      states.set(shard, state)
      if (A.getMissingDeps(next, []).length > 0 && incomplete.size < MOST_INCOMPLETE) {
        incomplete.set(shard, next)
        return null
      }
      const isNew = doc === null ? A.getHeads(next).length > 0 : !A.hasHeads(doc, A.getHeads(next))
      const saved = isNew ? A.save(next) : null
      A.free(next)
      return saved
    })
    if (came !== null) {
      await ledger.importShard(
        shard,
        came,
        sibling.drafts && context.answersFor !== null ? context.answersFor : undefined,
      )
      if (!ledger.shardHeads().has(shard)) replaced.add(shard)
    }
    due.add(shard)
  }
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw refuse(`no message of the sync protocol: ${(error as Error).message}`)
    }
  }

  const parts = new Map<string, Uint8Array[]>()
  const take = async (frame: LedgerFrame, bytes: Uint8Array): Promise<void> => {
    if (frame.t === 'hello') {
      if (actor !== null) throw refuse('it says hello twice')
      if (frame.actor === ledger.actor)
        throw new NodeError(
          'ACTOR_TWICE',
          `${sibling.name} writes under the same name as this node: its folder was made from a copy. Run \`entente ledger rename\` there`,
        )
      if (!copies.isLast(frame.actor, frame.token)) throw copied(sibling.name)
      actor = frame.actor
      await send({ t: 'turn', token: copies.give(frame.actor, frame.token) })
      return
    }
    if (actor === null && frame.t !== 'refused') throw refuse('it does not say hello first')
    if (frame.t === 'turn') {
      copies.keep(sibling.peerId, frame.token)
      await send({ t: 'kept' })
    } else if (frame.t === 'kept') copies.confirmed(actor ?? '')
    else if (frame.t === 'refused') throw refuse(`it refuses this node with ${frame.code}`)
    else if (frame.t === 'list')
      for (const [shard, heads] of frame.shards) {
        theirs.set(shard, heads)
        if (told.get(shard) !== heads) due.add(shard)
      }
    else {
      const whole = parts.get(frame.shard) ?? []
      if (frame.part !== whole.length) throw refuse('parts of a message out of order')
      if (parts.size > 1) throw refuse('parts of two messages at once')
      whole.push(bytes.slice())
      parts.set(frame.shard, whole)
      if (whole.length < frame.of) return
      parts.delete(frame.shard)
      await hear(frame.shard, Buffer.concat(whole))
    }
  }

  const off = ledger.on(() => wakeUp())
  const pumping = pump().catch((error: unknown) => {
    if (!ended.signal.aborted)
      channel.abort(error instanceof Error ? error : new Error(String(error)))
  })
  try {
    await send({ t: 'hello', actor: ledger.actor, token: copies.tokenFor(sibling.peerId) })
    for await (const bytes of channel.frames) {
      const decoded = attempt(() => decodeLedgerFrame(bytes))
      await take(decoded.frame, decoded.bytes)
      wakeUp()
    }
  } catch (error) {
    // Tells the other side why, before the stream goes.
    if (error instanceof NodeError)
      await send({ t: 'refused', code: error.code }).catch(() => undefined)
    throw error
  } finally {
    ended.abort()
    off()
    wakeUp()
    await pumping
    for (const doc of incomplete.values()) A.free(doc)
  }
}

const copied = (name: string): NodeError =>
  new NodeError(
    'NODE_COPIED',
    `${name} does not know what it was told when it was here last, or knows more than this node: one of the two was set back to an older copy, or its folder runs twice. Stop the copy; on a node that was restored run \`entente ledger rename\``,
  )
