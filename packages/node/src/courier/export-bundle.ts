import { type CourierHeader, type Opening, toBase64url } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { writeNewFile } from '../export-table/write-new-file.ts'
import type { SenderFrame } from '../feed/frames.ts'
import type { FeedSource } from '../feed/serve-feed.ts'
import type { Gossip } from '../gossip/gossip.ts'
import type { Revocations } from '../keys/revocations.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { NationRecalls } from '../nation-recalls/nation-recalls.ts'
import { MAGIC, sealHeader } from './bundle-file.ts'
import { type ContentWriter, createContentWriter } from './content.ts'
import {
  lastGiven,
  lastTaken,
  noteAsked,
  noteGiven,
  type Position,
  sizeAsked,
} from './courier-tables.ts'
import { feedFrames } from './feed-frames.ts'
import { encodeItem } from './items.ts'
import { positionOf } from './position.ts'
import { wordsFor } from './words.ts'

export interface GivenBundle {
  readonly number: number
  readonly bytes: number
  readonly expiresMs: number
  readonly statements: number
  readonly bodies: number
  /** Statements that take back, and have no quorum yet. */
  readonly notices: number
  /** Feeds of the recipient that this acknowledges. */
  readonly acknowledged: number
  /** Size of our log that the recipient is asked to cosign; 0: nothing. */
  readonly asks: number
  /** Size of its log that this cosigns; 0: nothing. */
  readonly cosigns: number
}

export interface ExportContext {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly source: Omit<FeedSource, 'which'>
  readonly gossip: Gossip
  readonly revocations: Pick<Revocations, 'seals' | 'take'>
  readonly nationRecalls: Pick<NationRecalls, 'seals' | 'take'>
}

/** Writes a bundle for one partner: all that two streams, a witness and gossip would say to it at this moment. */
export async function exportBundle(
  context: ExportContext,
  partner: Partner,
  file: { readonly path: string; readonly overwrite: boolean },
): Promise<GivenBundle> {
  const { deps, log } = context
  const { db, clock } = deps
  const { nation } = partner
  // Later cosignatures must not move what the frames stand on.
  const published = context.source.publisher.published()
  const taken = lastTaken(db, nation)
  const asks = toAsk(deps, log, published)
  const atMs = clock.nowMs()
  const { courierMs, freshnessMs } = deps.roster.witnessPolicy
  const expiresMs = atMs + (courierMs ?? freshnessMs)
  const number = lastGiven(db, nation).number + 1
  const counts = { statements: 0, bodies: 0, notices: 0, acknowledged: 0 }
  const cosigns = taken?.answer.startsWith('200\n') === true ? taken.asked : 0
  const bytes = await writeNewFile(file.path, file.overwrite, async (to) => {
    const write = (part: Uint8Array): Promise<void> =>
      new Promise((resolve, reject) => {
        to.write(part, (error) => (error ? reject(error) : resolve()))
      })
    const key = deps.randomBytes(32)
    await write(MAGIC)
    const content = createContentWriter(key, write)
    const position = positionOf(deps, partner, taken)
    for (const item of wordsFor(context, partner, { taken, published, asks })) {
      if (item.t === 'recipient' && item.frame.t === 'ack') counts.acknowledged++
      await content.add(encodeItem(item))
    }
    await addFrames({ context, partner, published, position, expiresMs }, content, counts)
    const { size, digest } = await content.end()
    const [resume] = position.feed
    const base = resume?.t === 'resume' ? resume.checkpoint : null
    const header: CourierHeader = {
      from: deps.nation,
      origin: deps.origin,
      to: nation,
      node: partner.log.origin,
      number,
      at: atMs,
      expires: expiresMs,
      taken: taken?.number ?? 0,
      base,
      key: toBase64url(key),
      size,
      digest,
    }
    await write(sealHeader(deps, partner, header))
    await new Promise<void>((resolve) => to.end(resolve))
  })
  noteGiven(db, nation, number, atMs)
  return { number, bytes, expiresMs, ...counts, asks, cosigns }
}

/** The checkpoint that partners are asked to cosign: the one that is out, else the newest, which may need to be cosigned again. */
function toAsk({ db, clock }: Deps, log: ReleaseLog, published: PublishedLog): number {
  const out = sizeAsked(db, published.size)
  if (out > 0) return out
  const { size } = log.head()
  if (size > published.size) noteAsked(db, size, clock.nowMs())
  return size
}

type Counts = { -readonly [K in 'statements' | 'bodies' | 'notices' | 'acknowledged']: number }

/** Statements and bodies, by the same hands as on a stream. */
async function addFrames(
  given: {
    readonly context: ExportContext
    readonly partner: Partner
    readonly published: PublishedLog
    readonly position: Position
    readonly expiresMs: number
  },
  content: ContentWriter,
  counts: Counts,
): Promise<void> {
  const { context, partner, published, position, expiresMs } = given
  const { db } = context.deps
  const ends = db.prepare('SELECT valid_until FROM held WHERE recipient = ? AND record = ?')
  /** Said only where it is within the life of the bundle. */
  const untilOf = ([, entry]: Opening): number | null => {
    const until = ends.get(partner.nation, entry.record)?.['valid_until'] as
      | number
      | null
      | undefined
    return entry.op === 'put' && until != null && until < expiresMs ? until : null
  }
  const untils = (frame: SenderFrame): { readonly until?: (number | null)[] } => {
    const openings =
      frame.t === 'statement' ? frame.openings : frame.t === 'body' ? [frame.opening] : []
    const until = openings.map(untilOf)
    return until.some((each) => each !== null) ? { until } : {}
  }
  for (const which of ['control', 'feed'] as const)
    await feedFrames(
      { ...context.source, which, publisher: { published: () => published } },
      partner,
      position[which],
      async (frame) => {
        if (frame.t === 'statement') {
          counts.statements++
          counts.bodies += frame.bodies.filter((body) => body !== null).length
        }
        if (frame.t === 'notice') counts.notices++
        await content.add(encodeItem({ t: 'sender', which, frame, ...untils(frame) }))
      },
    )
}
