import { formatAddCheckpoint, formatBase64 } from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import type { Gossip } from '../gossip/gossip.ts'
import { largestKnown, largestWitnessed } from '../gossip/known.ts'
import { keysFrame } from '../keys/frames.ts'
import type { Revocations } from '../keys/revocations.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { NationRecalls } from '../nation-recalls/nation-recalls.ts'
import { acknowledgementsOf, quarantinedOf, resumeOf } from '../network/recipient-frames.ts'
import type { LastTaken } from './courier-tables.ts'
import type { CourierItem } from './items.ts'
import { sizeHeld } from './position.ts'

/** Consistency is proven from so many of the last published sizes; a recipient that holds an older one says so first. */
const MOST_BASES = 256
/** Bodies asked for again in one bundle. */
export const MOST_AGAIN = 1_000

/** All of a bundle but the feeds: acknowledgements, and what witnesses and gossip say to each other. */
export function* wordsFor(
  {
    deps,
    log,
    gossip,
    revocations,
    nationRecalls,
  }: {
    readonly deps: Deps
    readonly log: ReleaseLog
    readonly gossip: Pick<Gossip, 'seenFor' | 'owedBy'>
    readonly revocations: Pick<Revocations, 'seals'>
    readonly nationRecalls: Pick<NationRecalls, 'seals'>
  },
  partner: Partner,
  {
    taken,
    published,
    asks,
  }: { readonly taken: LastTaken | null; readonly published: PublishedLog; readonly asks: number },
): Generator<CourierItem> {
  const { db } = deps
  const { origin } = partner.log
  const known = largestKnown(db, origin)?.note ?? ''
  const witnessed = largestWitnessed(db, origin)?.size ?? 0
  yield keysFrame(revocations.seals(), nationRecalls.seals())
  yield { t: 'known', note: known === '' ? null : known, witnessed }
  // The last answer again, until another question comes: the bundle that held it may have been lost.
  if (taken !== null && taken.asked > 0)
    yield { t: 'cosigned', size: taken.asked, answer: taken.answer }
  for (const which of ['control', 'feed'] as const) {
    yield { t: 'recipient', which, frame: resumeOf(deps, which, partner) }
    for (const jws of acknowledgementsOf(deps, which, partner))
      yield { t: 'recipient', which, frame: { t: 'ack', jws } }
  }
  for (const frame of quarantinedOf(db, partner, MOST_AGAIN, 0))
    yield { t: 'recipient', which: 'feed', frame }
  yield { t: 'seen', frame: gossip.seenFor(partner) }
  const owed = gossip.owedBy(partner)
  if (owed !== null) yield owed
  if (taken?.proof != null) yield taken.proof
  yield* cosignRequest(db, log, asks, taken?.witnessed ?? 0)
  yield { t: 'bases', bases: basesOf(db, log, published, taken) }
}

function* cosignRequest(
  db: Deps['db'],
  log: ReleaseLog,
  size: number,
  witnessed: number,
): Generator<CourierItem> {
  const checkpoint = db.prepare('SELECT note FROM checkpoint WHERE size = ?').get(size)?.['note']
  if (typeof checkpoint !== 'string') return
  const oldSize = Math.min(witnessed, size)
  const proof = oldSize === 0 || oldSize === size ? [] : log.consistency(oldSize, size)
  const body = formatAddCheckpoint({ oldSize, proof, checkpoint })
  yield { t: 'cosign', size, request: `POST /add-checkpoint\n\n${body}` }
}

function basesOf(
  db: Deps['db'],
  log: ReleaseLog,
  { size: to }: PublishedLog,
  taken: LastTaken | null,
): { size: number; hashes: string[] }[] {
  const from = taken === null ? 1 : Math.max(1, sizeHeld(taken.position))
  return db
    .prepare(
      'SELECT size FROM checkpoint WHERE published_ms IS NOT NULL AND size >= ? AND size < ? ORDER BY size DESC LIMIT ?',
    )
    .all(from, to, MOST_BASES)
    .map((row) => row['size'] as number)
    .map((size) => ({ size, hashes: log.consistency(size, to).map(formatBase64) }))
}
