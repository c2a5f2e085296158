import { fromUtf8, mainNodeOf, type Nation, StatementPlace, utf8 } from '@entente/schema'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { parseFrameJson } from '../frame-json.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { keptBackFor } from '../nation-recalls/kept-back.ts'
import { abortable } from '../network/abortable.ts'
import type { Channel, Transport } from '../ports/transport.ts'
import { selectionOf } from '../release/selection.ts'
import { PurgeMessage } from './purge-word.ts'
import { HandOverMessage, handedOver, takeOver } from './take-over.ts'

/** One node of a nation hands a dataset, or a word of a partner, to another: one message, one answer. */
const handoverProtocol = '/entente/handover/1'

const Message = z.union([HandOverMessage, PurgeMessage])
const againMs = 2_000
const TAKEN = 'taken'

/** Brings what was handed over to the node that takes it, again until that has it. */
export interface HandoverLinks extends AsyncDisposable {
  readonly wake: () => void
}

export async function createHandoverLinks(context: {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly transport: Transport
  /** Why nothing can be taken over now, or null. */
  readonly hindrance: () => string | null
  readonly onTaken: () => void
  readonly onHanded: () => void
  /** A partner has purged what a recall of this or another node named. */
  readonly onPurge: (word: PurgeMessage) => void
}): Promise<HandoverLinks> {
  const { deps, log, transport } = context
  const { db } = deps
  const siblings = new Map(
    deps.siblings.filter(({ drafts }) => !drafts).map((each) => [each.peerId, each]),
  )
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null

  const answer = async (channel: Channel): Promise<void> => {
    if (!siblings.has(channel.peerId))
      throw new Error('this peer is no releasing node of our nation')
    for await (const bytes of channel.frames) {
      const message = Message.parse(parseFrameJson(bytes))
      if ('recall' in message) {
        if (channel.peerId !== mainNodeOf(deps.self.member.nodes)?.peerId)
          throw new Error('words of partners come from the node that receives')
        context.onPurge(message)
        await channel.send(utf8(TAKEN))
        return
      }
      const refusal = context.hindrance() ?? takeOver(deps, log, message, channel.peerId)
      if (refusal === null) context.onTaken()
      await channel.send(utf8(refusal ?? TAKEN))
      return
    }
  }
  if (siblings.size > 0) await transport.handle(handoverProtocol, answer)

  const messageOf = (dataset: string, number: number): HandOverMessage => ({
    dataset,
    number,
    recipients: db
      .prepare('SELECT recipient, head FROM handover_told WHERE dataset = ? ORDER BY recipient')
      .all(dataset)
      .map(({ recipient, head }) => ({
        nation: recipient as Nation,
        asks: [...selectionOf(db, recipient as Nation, dataset)],
        head: head === null ? null : StatementPlace.parse(JSON.parse(head as string)),
      })),
    recalls: keptBackFor(db, dataset),
  })
  const ask = async (peer: string, message: string): Promise<string> => {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)])
    await using channel = await transport.open(peer, handoverProtocol, { signal })
    await channel.send(utf8(message), { signal })
    for await (const bytes of abortable(channel, signal)) return fromUtf8(bytes).slice(0, 300)
    return 'no answer'
  }
  /** A node that is not there takes it when it is; the others do not wait for it. */
  const attempt = (work: Promise<void>): Promise<void> => work.catch(() => undefined)
  const passPurge = async (peer: string, nation: string, word: string): Promise<void> => {
    // One that has left the roster since recalls nothing.
    if (siblings.has(peer) && (await ask(peer, word)) !== TAKEN) return
    db.prepare('DELETE FROM purge_passed WHERE peer = ? AND nation = ? AND word = ?').run(
      peer,
      nation,
      word,
    )
  }
  const handOver = async (dataset: string, peer: string, number: number): Promise<void> => {
    const said = await ask(peer, JSON.stringify(messageOf(dataset, number)))
    if (said === TAKEN) {
      handedOver(deps, dataset, number)
      context.onHanded()
    } else deps.journal.fault({ where: 'handover', code: 'HANDOVER_WAITS', message: said })
  }
  const deliver = async (): Promise<void> => {
    for (const { peer, nation, word } of db.prepare('SELECT * FROM purge_passed').all())
      await attempt(passPurge(peer as string, nation as string, word as string))
    const due = db.prepare('SELECT dataset, peer, number FROM handover_out WHERE taken = 0').all()
    for (const { dataset, peer, number } of due)
      await attempt(handOver(dataset as string, peer as string, number as number))
  }
  const isDue = (): boolean =>
    db
      .prepare('SELECT 1 FROM handover_out WHERE taken = 0 UNION ALL SELECT 1 FROM purge_passed')
      .get() !== undefined
  const wake = (): void => {
    if (running !== null || stop.signal.aborted || !isDue()) return
    clearTimeout(timer)
    running = deliver().finally(() => {
      running = null
      if (!stop.signal.aborted && isDue()) timer = setTimeout(wake, againMs).unref()
    })
  }
  const off = transport.on(({ kind, peerId }) => {
    if (kind === 'connected' && siblings.has(peerId)) wake()
  })
  wake()
  return {
    wake,
    [Symbol.asyncDispose]: async () => {
      off()
      stop.abort()
      clearTimeout(timer)
      await running
    },
  }
}
