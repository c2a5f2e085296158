import type { KeyObject } from 'node:crypto'
import { JwsError, type Nation } from '@entente/schema'
import { VerificationError } from '@entente/tlog'
import { z } from 'zod'
import { takeAcknowledgement } from '../acknowledge/take-acknowledgement.ts'
import type { Admission } from '../admit/admit.ts'
import { whereMalformed } from '../admit/where-malformed.ts'
import { withoutQuotes } from '../admit/without-quotes.ts'
import type { Deps, Partner } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { RecipientFrame } from '../feed/frames.ts'
import type { Gossip } from '../gossip/gossip.ts'
import { largestWitnessed } from '../gossip/known.ts'
import type { Revocations } from '../keys/revocations.ts'
import type { Publisher } from '../log/publisher.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { StartGuard } from '../log/start-guard.ts'
import type { NationRecalls } from '../nation-recalls/nation-recalls.ts'
import { quarantinedOf } from '../network/recipient-frames.ts'
import type { Witness } from '../witness/witness.ts'
import { openBundle } from './bundle-file.ts'
import { readContent } from './content.ts'
import { CourierError } from './courier-error.ts'
import {
  type CourierProof,
  forgetAsked,
  type LastTaken,
  lastGiven,
  lastTaken,
  noteGiven,
  noteTaken,
} from './courier-tables.ts'
import { type CourierItem, decodeItem } from './items.ts'
import { type BundleRefusal, createFrameTaker, MOST_REFUSED } from './take-frames.ts'
import { MOST_AGAIN } from './words.ts'

export interface TakenBundle {
  readonly from: Nation
  readonly number: number
  /** Bundles of this sender before it that never came; it holds all that they held. */
  readonly missing: readonly [first: number, last: number] | null
  /** It is of another number than the newest, and older. */
  readonly isOlder: boolean
  readonly madeAtMs: number
  /** It has expired: nothing that widens was taken in, what takes back was. */
  readonly isExpired: boolean
  /** Statements that this node did not have. */
  readonly statements: number
  /** Feeds of ours whose acknowledgement has moved on. */
  readonly acknowledged: number
  /** Our witness has now cosigned its log up to here; 0: no further than before. */
  readonly cosigned: number
  /** Our log is published up to here; before the bundle it was to `publishedBefore`. */
  readonly published: number
  readonly publishedBefore: number
  /** All leaves of our log. */
  readonly logSize: number
  /** Entries of the sender whose bodies were refused, and are asked for again. */
  readonly quarantined: number
  readonly refused: readonly BundleRefusal[]
}

export interface ImportContext {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly publisher: Pick<Publisher, 'take' | 'published'>
  readonly witness: Witness
  readonly guard: StartGuard
  /** The door, by which a checkpoint may be so old, ms; minus infinity: none is young enough for what widens. */
  readonly admissionFor: (freshnessMs: number) => Admission
  readonly gossip: Gossip
  readonly revocations: Pick<Revocations, 'seals' | 'take'>
  readonly nationRecalls: Pick<NationRecalls, 'seals' | 'take'>
  readonly decryptionKey: KeyObject
}

/**
 * Takes a bundle in: all that it says goes the way that it would have gone on a stream. Doing it once more changes nothing.
 * @throws {CourierError} when the bundle as a whole is refused; {NodeError} `FROZEN` when it proves that this node has lost state
 */
export async function importBundle(context: ImportContext, path: string): Promise<TakenBundle> {
  const { deps, publisher } = context
  const { db, clock } = deps
  await using bundle = await openBundle(deps, context.decryptionKey, path)
  const { header, partner } = bundle
  const { nation } = partner
  const before = lastTaken(db, nation)
  const takenMs = clock.nowMs()
  const isExpired = header.expires <= takenMs
  const { courierMs = 0, freshnessMs } = deps.roster.witnessPolicy
  const admission = context.admissionFor(
    isExpired ? Number.NEGATIVE_INFINITY : Math.max(courierMs, freshnessMs),
  )
  const publishedBefore = publisher.published().size
  const held = countOf(deps, nation)
  const cosignedBefore = largestWitnessed(db, partner.log.origin)?.size ?? 0
  const acked = ackedOf(deps, nation)
  const taking = createTaking(context, partner, admission, before)
  for await (const bytes of readContent(bundle.content, bundle.key)) taking.take(readItem(bytes))
  const { said } = taking
  const isOlder = header.number < (before?.number ?? 0)
  if (!isOlder)
    noteTaken(db, nation, {
      number: header.number,
      digest: header.digest,
      atMs: header.at,
      takenMs,
      position: { control: said.control, feed: said.feed },
      witnessed: said.witnessed,
      proof: said.proof,
      ...(said.asked > 0
        ? { asked: said.asked, answer: said.answer }
        : { asked: before?.asked ?? 0, answer: before?.answer ?? '' }),
    })
  // A node that has come back from a copy gives no number twice.
  if (header.taken > lastGiven(db, nation).number) noteGiven(db, nation, header.taken, header.at)
  const expected = (before?.number ?? 0) + 1
  return {
    from: nation,
    number: header.number,
    missing: header.number > expected ? [expected, header.number - 1] : null,
    isOlder,
    madeAtMs: header.at,
    isExpired,
    statements: countOf(deps, nation) - held,
    acknowledged: [...ackedOf(deps, nation)].filter(([feed, seq]) => acked.get(feed) !== seq)
      .length,
    cosigned: said.answer.startsWith('200\n') && said.asked > cosignedBefore ? said.asked : 0,
    published: publisher.published().size,
    publishedBefore,
    logSize: context.log.head().size,
    quarantined: quarantinedOf(db, partner, MOST_AGAIN, 0).length,
    refused: taking.refused(),
  }
}

/** What the sender of a bundle has said, while it is read. */
interface Said {
  readonly control: RecipientFrame[]
  readonly feed: RecipientFrame[]
  witnessed: number
  asked: number
  answer: string
  proof: CourierProof | null
}

function createTaking(
  context: ImportContext,
  partner: Partner,
  admission: Admission,
  before: LastTaken | null,
) {
  const { deps, log, publisher, witness, guard } = context
  const { nation } = partner
  const said: Said = { control: [], feed: [], witnessed: 0, asked: 0, answer: '', proof: null }
  const refused: BundleRefusal[] = []
  let bases: Extract<CourierItem, { t: 'bases' }>['bases'] = []
  const taker = createFrameTaker(deps, admission, partner, () => bases)
  const refuse = (code: string, message: string): void => {
    if (refused.length < MOST_REFUSED) refused.push({ code, message })
    deps.journal.refused({ from: nation, code, message })
  }
  const cosigned = (size: number, answer: string): void => {
    // It has cosigned more than it was asked for: the next bundle asks for the newest.
    if (answer.startsWith('409\n') && Number(answer.slice(4)) > size) forgetAsked(deps.db)
    if (!answer.startsWith('200\n')) {
      const words = answer.slice(4, 200).trim()
      if (!answer.startsWith('409\n'))
        refuse('WITNESS', `${nation} did not cosign size ${size} of our log: ${words}`)
      return
    }
    checking(() => {
      const why = publisher.take(size, answer.slice(4))
      if (why !== null) refuse('WITNESS', why)
    }, 'the cosignature')
  }
  const checking = (work: () => void, what: string): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error
      refuse(error.code, `${what} of ${nation} does not count: ${withoutQuotes(error.message)}`)
    }
  }
  const cosign = (size: number, request: string): void => {
    const answer = witness.answer(request)
    const isAgain = before?.asked === size && before.answer.startsWith('200\n')
    // The bundle is taken in once more: what was answered to it stands.
    if (isAgain && !answer.startsWith('200\n')) return
    said.asked = size
    said.answer = answer
  }
  const acknowledge = (jws: string): void => {
    try {
      if (takeAcknowledgement(deps, log, partner, jws) === 'refused')
        refuse('ACK_FORM', `an acknowledgement of ${nation} names no statement of ours`)
    } catch (error) {
      if (!(error instanceof JwsError) && !(error instanceof z.ZodError)) throw error
      refuse('ACK_FORM', `an acknowledgement of ${nation} is not one that its node has signed`)
    }
  }
  const take = (item: CourierItem): void => {
    switch (item.t) {
      case 'revocations':
        context.revocations.take(item.seals, nation)
        context.nationRecalls.take(item.recalls ?? [], nation)
        break
      case 'known':
        if (item.note !== null) guard.told(nation, item.note)
        mustServe(guard)
        said.witnessed = item.witnessed
        break
      case 'cosigned':
        cosigned(item.size, item.answer)
        break
      case 'recipient':
        if (item.frame.t === 'ack') acknowledge(item.frame.jws)
        else listen(said[item.which], item.frame)
        break
      case 'seen':
        context.gossip.hear(partner, item.frame)
        mustServe(guard)
        break
      case 'prove': {
        const answer = context.gossip.answer(item, partner)
        if (answer.t === 'proof') said.proof = { t: 'proof', of: item, hashes: answer.hashes }
        break
      }
      case 'proof':
        checking(() => context.gossip.proven(partner, item.of, item.hashes), 'the proof')
        break
      case 'cosign':
        cosign(item.size, item.request)
        break
      case 'bases':
        bases = item.bases
        break
      case 'sender':
        taker.take(item.frame, item.until)
        break
    }
  }
  return { take, said, refused: () => [...refused, ...taker.refused] }
}

/** One `resume`, and then no more than an honest sender asks for. */
function listen(to: RecipientFrame[], frame: RecipientFrame): void {
  if (frame.t === 'resume' ? to.length === 0 : to.length > 0 && to.length <= MOST_AGAIN)
    to.push(frame)
}

function mustServe(guard: StartGuard): void {
  const { state, words } = guard.state()
  if (state !== 'serving') throw new NodeError(state === 'frozen' ? 'FROZEN' : 'ASKING', words)
}

/** What a parser says of an item repeats what stands there: none of it is passed on. */
function readItem(bytes: Uint8Array): CourierItem {
  try {
    return decodeItem(bytes)
  } catch (error) {
    const where = error instanceof z.ZodError ? whereMalformed(error) : 'malformed'
    throw new CourierError(
      'COURIER_FORM',
      `something in the bundle is ${where}: it is of another version, or its sender is at fault. What stood before it has been taken in`,
    )
  }
}

const countOf = ({ db }: Deps, nation: Nation): number =>
  (db.prepare('SELECT SUM(body_seq + 1) AS n FROM feed_in WHERE sender = ?').get(nation)?.['n'] as
    | number
    | null) ?? 0

function ackedOf({ db }: Deps, nation: Nation): Map<string, number> {
  const rows = db
    .prepare(
      'SELECT ack_received.feed AS feed, ack_received.seq AS seq FROM ack_received JOIN feed_out USING (feed) WHERE recipient = ?',
    )
    .all(nation)
  return new Map(rows.map((row) => [row['feed'] as string, row['seq'] as number]))
}
