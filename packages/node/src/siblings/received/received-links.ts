import { isKeyRevoked } from '@entente/schema'
import { z } from 'zod'
import type { Admission } from '../../admit/admit.ts'
import { whereMalformed } from '../../admit/where-malformed.ts'
import type { Deps, Sibling } from '../../deps.ts'
import { NodeError } from '../../errors.ts'
import type { Revocations } from '../../keys/revocations.ts'
import { deleteRecalled, type NationRecalls } from '../../nation-recalls/nation-recalls.ts'
import { sleep } from '../../network/sleep.ts'
import type { Channel, Transport } from '../../ports/transport.ts'
import {
  decodePassed,
  encodePassed,
  MOST_RECALLS,
  PassedFrame,
  receivedProtocol,
} from './frames.ts'
import { type PassingSource, passOn } from './pass-on.ts'
import { createPassedTaker } from './take-passed.ts'

/** How it stands with what the nation's receiver passes on to this node. */
export interface ReceivedLink {
  /** Name of the node that receives. */
  readonly from: string
  /** When this node last had all that the receiver has admitted; null: not since it was started. */
  readonly evenAtMs: number | null
  /** What of it was refused here, or why nothing comes; null: nothing is wrong. */
  readonly trouble: string | null
  /** Whether something was refused: that node is at fault, or of another version. */
  readonly isRefused: boolean
}

/** Brings what one node of the nation admits to its others, for ever. */
export interface ReceivedLinks extends AsyncDisposable {
  /** Null at the node that receives. */
  readonly link: () => ReceivedLink | null
  /** A key of ours was revoked: the stream with the node whose it is ends at once. */
  readonly revoked: () => void
}

const retryMs = [200, 500, 1_000, 2_000, 5_000, 15_000]
/** What was refused is asked for again after so long, and twice as long each time. */
const againMs = 5_000
const mostAgainMs = 600_000

export async function createReceivedLinks(context: {
  readonly deps: Deps
  /** The same with all nations of the roster as partners, also at a node that has nothing else to do with them. */
  readonly known: Deps
  readonly transport: Transport
  /** The door of a node that does not acknowledge. */
  readonly admission: Admission
  readonly source: Omit<PassingSource, 'deps'>
  readonly revocations: Pick<Revocations, 'take'>
  readonly nationRecalls: Pick<NationRecalls, 'take'>
  /** False while this node may have lost state. */
  readonly mayReceive: () => boolean
  readonly onAdmitted: () => void
}): Promise<ReceivedLinks> {
  const { deps, known, transport, admission } = context
  const stop = new AbortController()
  const byPeer = new Map(deps.siblings.map((sibling) => [sibling.peerId, sibling]))
  const live = new Map<string, Channel>()
  const receiver = deps.isReceiver ? undefined : byPeer.get(deps.self.member.node.peerId)
  let link: ReceivedLink | null =
    receiver === undefined
      ? null
      : { from: receiver.name, evenAtMs: null, trouble: null, isRefused: false }
  const set = (change: Partial<ReceivedLink>): void => {
    if (link !== null) link = { ...link, ...change }
  }
  const mustTalk = ({ name, key }: Sibling): void => {
    if (isKeyRevoked(deps.self.member, key))
      throw new Error(`the key of ${name} is revoked: nothing is said to it`)
  }
  /** One stream with each, the newest: a node that lost its line opens another before that is noticed. */
  const during = async (channel: Channel, { peerId }: Sibling, work: Promise<void>) => {
    live.get(peerId)?.abort(new Error('another stream has taken the place of this one'))
    live.set(peerId, channel)
    try {
      await work
    } finally {
      if (live.get(peerId) === channel) live.delete(peerId)
    }
  }

  if (deps.isReceiver && byPeer.size > 0)
    await transport.handle(receivedProtocol, async (channel) => {
      const sibling = byPeer.get(channel.peerId)
      // A partner is listed as well: of what others gave us it gets nothing, not even a reason.
      if (sibling === undefined) throw new Error('this peer is no node of our nation')
      mustTalk(sibling)
      const source = { ...context.source, deps }
      await during(channel, sibling, passOn(source, channel, sibling))
    })

  let failures = 0
  const takeAll = async (channel: Channel, from: Sibling): Promise<void> => {
    const taker = createPassedTaker(known, admission)
    const send = (frame: Parameters<typeof encodePassed>[0]) =>
      channel.send(encodePassed(frame), { signal: stop.signal })
    let again: NodeJS.Timeout | undefined
    /** Recalls that were reported on this stream. */
    const said = new Set<string>()
    try {
      await send({
        t: 'from',
        name: taker.name,
        reached: taker.reached(),
        trees: [...taker.trees()],
      })
      for await (const bytes of channel.frames) {
        if (stop.signal.aborted || !context.mayReceive()) break
        const frame = readFrame(bytes, from)
        if (frame.t === 'journal') taker.journal(frame.name)
        else if (frame.t === 'keys') {
          context.revocations.take(frame.keys.seals, deps.nation)
          context.nationRecalls.take(frame.keys.recalls ?? [], deps.nation)
          // When it was told, our receiver may not have known what it tells now.
          said.clear()
        } else if (frame.t === 'item') taker.item(frame)
        else {
          deleteRecalled(deps)
          const reached = taker.all(frame)
          for (const recalls of pagesOf(carriedOut(deps).filter((digest) => !said.has(digest)))) {
            await send({ t: 'done', reached, recalls })
            for (const digest of recalls) said.add(digest)
          }
          const [first] = taker.refused()
          if (first === undefined) failures = 0
          set({
            ...(first === undefined && { evenAtMs: deps.clock.nowMs() }),
            trouble: first === undefined ? null : `${first.code}: ${first.message}`,
            isRefused: first !== undefined,
          })
          if (first !== undefined && again === undefined)
            again = setTimeout(
              () => channel.abort(new Error('what was refused is asked for again')),
              Math.min(againMs * 2 ** failures++, mostAgainMs),
            ).unref()
        }
        if (frame.t !== 'journal') context.onAdmitted()
      }
    } finally {
      clearTimeout(again)
    }
  }
  /** Ends the wait before the stream is opened again. */
  let returned = new AbortController()
  const keepOpen = async (from: Sibling): Promise<void> => {
    let waits = 0
    while (!stop.signal.aborted) {
      const startedMs = performance.now()
      try {
        if (context.mayReceive()) {
          mustTalk(from)
          await using channel = await transport.open(from.peerId, receivedProtocol, {
            signal: stop.signal,
          })
          await during(channel, from, takeAll(channel, from))
        }
      } catch (error) {
        if (stop.signal.aborted) return
        if (error instanceof NodeError)
          deps.journal.fault({ where: 'received', code: error.code, message: error.message })
        const isRefused = error instanceof NodeError
        if (isRefused || link?.isRefused === false)
          set({ isRefused, trouble: error instanceof Error ? error.message : String(error) })
      }
      if (performance.now() - startedMs > 10_000) waits = 0
      returned = new AbortController()
      const ms = retryMs[Math.min(waits++, retryMs.length - 1)] ?? 1_000
      await sleep(ms, AbortSignal.any([stop.signal, returned.signal]))
    }
  }
  const off = transport.on(({ kind, peerId }) => {
    if (kind === 'connected' && peerId === receiver?.peerId) returned.abort()
  })
  const running = receiver === undefined ? Promise.resolve() : keepOpen(receiver)
  return {
    link: () => link,
    revoked: () => {
      for (const { peerId, name, key } of deps.siblings)
        if (isKeyRevoked(deps.self.member, key))
          live.get(peerId)?.abort(new Error(`the key of ${name} is revoked`))
    },
    [Symbol.asyncDispose]: async () => {
      off()
      stop.abort()
      for (const channel of live.values()) channel.abort(new Error('this node stops'))
      await running
    },
  }
}

/** Recalls by the word of a nation of which nothing is left here. */
const carriedOut = ({ db }: Deps): string[] =>
  db
    .prepare('SELECT digest FROM root_recall WHERE deleted = 1 AND purge = 1 ORDER BY digest')
    .all()
    .map(({ digest }) => digest as string)

/** As many as one frame may name; one page at least, which may be empty. */
function pagesOf(recalls: readonly string[], most = MOST_RECALLS): string[][] {
  const pages = Array.from({ length: Math.ceil(recalls.length / most) }, (_, i) =>
    recalls.slice(i * most, (i + 1) * most),
  )
  return pages.length === 0 ? [[]] : pages
}

/** What a parser says of a frame repeats what stands there: none of it is passed on. */
function readFrame(bytes: Uint8Array, { name }: Sibling): PassedFrame {
  try {
    return decodePassed(bytes, PassedFrame)
  } catch (error) {
    const where = error instanceof z.ZodError ? whereMalformed(error) : 'malformed'
    throw new NodeError(
      'RECEIVED_FRAME',
      `${name} passes on what is ${where}: it runs another version, or is at fault`,
    )
  }
}
