import type { JointTerms, Nation } from '@entente/schema'
import { AdmitError } from '../admit/codes.ts'
import { admitJointProof, type ProvenJoint } from '../admit/joint.ts'
import type { Deps, Partner } from '../deps.ts'
import type { LoadedDocuments } from './automerge/loaded.ts'
import { readChange } from './chunk/read-change.ts'
import { checkFirst, checkMembers, checkNext } from './document/admit-change.ts'
import { faultWords, standingOf } from './document/standing.ts'
import { type AdmittedChange, type DocumentState, struckIn } from './document/state.ts'
import { checkVote } from './document/votes.ts'
import { JointError } from './joint-error.ts'
import type { JointFrame, TwiceFrame } from './joint-frames.ts'
import { bytesOf, frameOf, type JointStore, type KeptStatement } from './joint-store.ts'

/** Most documents that one nation may create here, and votes that a feed of a document may hold. */
const MOST_DOCUMENTS = 256
const MOST_STATEMENTS = 8_192
/** Most characters and bytes that one nation may have others keep, in one document and in all. */
const MOST_DOCUMENT_BYTES = 16 << 20
const MOST_NATION_BYTES = 256 << 20
/** A change on which the process has died is tried this often. */
const MOST_TRIES = 2

export interface JointAdmission {
  /**
   * Takes one statement in. Nothing happens twice: what is known is passed over.
   * @returns whether anything is new @throws {AdmitError} for its proof, {JointError} for what it says
   */
  readonly statement: (frame: JointFrame) => Promise<boolean>
  /** The same with two statements for one place. @returns whether it is news @throws the same */
  readonly twice: (frame: TwiceFrame) => Promise<boolean>
}

/**
 * The way in for changes and votes of other members. First that the writer has signed and logged it, then that it stands where it must,
 * then that the change is what its statement says and nothing that Automerge could trip over, and only then Automerge, elsewhere.
 * @param onTwice a writer was found to have signed two statements for one place
 */
export function createJointAdmission(context: {
  readonly deps: Deps
  readonly store: JointStore
  readonly loaded: LoadedDocuments
  readonly onCheckpoint: (writer: Partner, note: string) => void
  readonly onTwice: (document: string, writer: Nation) => void
  /** Other limits than the usual ones, bytes by one nation. */
  readonly most?: { readonly inDocument: number; readonly inAll: number } | undefined
}): JointAdmission {
  const { deps, store, loaded } = context
  const { db } = deps

  const writerOf = ({ writer }: JointFrame): Partner => {
    const found = deps.partners.get(writer)
    if (found === undefined) throw new JointError('JOINT_MEMBER', `${writer} is not in the roster`)
    return found
  }
  const prove = (frame: JointFrame): ProvenJoint => {
    const writer = writerOf(frame)
    const proven = admitJointProof(deps, writer, frame)
    context.onCheckpoint(writer, proven.note)
    return proven
  }

  const keptOf = (frame: JointFrame, proven: ProvenJoint, document: string): KeptStatement => ({
    document,
    writer: frame.writer,
    seq: proven.payload.seq,
    feed: proven.payload.feed ?? proven.hash,
    hash: proven.hash,
    kind: proven.kind,
    index: proven.index,
    jws: frame.jws,
    proof: frame.proof,
    edits: null,
    rebased: false,
    struck: false,
    ...bytesOf(frame),
  })

  /**
   * It stands in the document as its writer's: only then can two of them strike what their writer has said there. A first statement begins
   * a feed; a later one must be of the feed that is known of its writer, or the writer could name any.
   * @throws {JointError} `JOINT_MEMBER`, {AdmitError} `FEED_UNKNOWN`
   */
  const checkEvidence = (state: DocumentState, writer: Nation, { payload }: ProvenJoint): void => {
    checkMembers(state.terms, writer, payload)
    if (payload.seq > 0 && payload.feed !== state.writers.get(writer)?.feed)
      throw new AdmitError(
        'statement',
        'FEED_UNKNOWN',
        `statement ${payload.seq} of ${writer} in document ${state.id.slice(0, 8)} is of no feed that is known of ${writer}`,
      )
  }

  /** It stands next in the feed of its writer. */
  const checkPlace = (state: DocumentState, writer: Nation, { payload }: ProvenJoint): void => {
    const refuse = (code: AdmitError['code'], message: string) =>
      new AdmitError(
        'statement',
        code,
        `statement ${payload.seq} of ${writer} in document ${state.id.slice(0, 8)}: ${message}`,
      )
    checkMembers(state.terms, writer, payload)
    const at = state.writers.get(writer)
    if (payload.seq >= MOST_STATEMENTS)
      throw new JointError('JOINT_FULL', `${writer} has said as much in this document as is kept`)
    if (payload.seq !== (at?.seq ?? -1) + 1)
      throw refuse('FEED_GAP', `expected ${(at?.seq ?? -1) + 1}`)
    if (payload.feed !== (at?.feed ?? null)) throw refuse('FEED_UNKNOWN', 'it is of another feed')
    if (payload.prev !== (at?.last ?? null))
      throw refuse('FEED_CHAIN', 'it does not name its predecessor')
  }

  /** Refused for good, or for a second time: the feed of its writer stands still here, other writers go on. */
  const stop = (kept: KeptStatement, error: JointError): void => {
    if (passing.has(error.code)) return
    const row = db
      .prepare('SELECT hash, tries FROM joint_refused WHERE document = ? AND writer = ?')
      .get(kept.document, kept.writer)
    const tries = row?.['hash'] === kept.hash ? (row['tries'] as number) + 1 : 1
    db.prepare(
      'INSERT OR REPLACE INTO joint_refused(document, writer, seq, hash, code, message, at_ms, tries) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      kept.document,
      kept.writer,
      kept.seq,
      kept.hash,
      error.code,
      error.message,
      deps.clock.nowMs(),
      error.code === 'JOINT_WORKER' ? tries : MOST_TRIES,
    )
  }

  const keepTwice = (
    document: string,
    writer: Nation,
    seq: number,
    frames: readonly [JointFrame, JointFrame],
  ): boolean => {
    const before = store.state(document)?.twice.get(writer)
    if (before !== undefined && before.seq <= seq) return false
    store.keepTwice(document, writer, seq, frames)
    loaded.forget(document)
    deps.journal.refused({
      from: writer,
      code: 'JOINT_TWICE',
      message: `${writer} has signed two statements ${seq} in document ${document.slice(0, 8)}: what it has written from there on, and what builds on it, is struck`,
    })
    context.onTwice(document, writer)
    return true
  }

  /** Counted over statements and changes alone, which are the same everywhere: all members stop at the same one. @throws {JointError} `JOINT_FULL` */
  const checkRoom = ({ document, writer, jws, body }: KeptStatement): void => {
    const { inDocument, inAll } = store.bytesBy(writer, document)
    const size = jws.length + (body?.length ?? 0)
    if (inDocument + size > (context.most?.inDocument ?? MOST_DOCUMENT_BYTES))
      throw new JointError('JOINT_FULL', `${writer} has filled its room in this document`)
    if (inAll + size > (context.most?.inAll ?? MOST_NATION_BYTES))
      throw new JointError('JOINT_FULL', `${writer} has filled its room here`)
  }

  /** The vote stands, so that its feed goes on everywhere; that it counts for nothing is said at once. */
  const noteVoter = (state: DocumentState, writer: Nation): void => {
    const word = standingOf(state, deps.roster).words.find(({ nation }) => nation === writer)
    if (word === undefined || word.fault === null) return
    const message = `the vote of ${writer} in document ${state.id.slice(0, 8)} counts for nothing: ${faultWords[word.fault]}`
    deps.journal.refused({ from: writer, code: word.fault, message })
  }

  const begin = async (frame: JointFrame, proven: ProvenJoint): Promise<boolean> => {
    const { writer } = frame
    const { kind, payload, hash } = proven
    const document = payload.document ?? hash
    const isFirst = kind === 'joint' && payload.document === null && payload.seq === 0
    if (!isFirst)
      throw new JointError(
        'JOINT_UNKNOWN',
        `${writer} writes in a document that nobody has shown us: ${document.slice(0, 8)}`,
      )
    const { terms } = payload
    if (terms === undefined)
      throw new JointError('JOINT_TERMS', 'the statement that creates a document gives no terms')
    checkMembers(terms, writer, payload)
    const { n } = db
      .prepare('SELECT count(*) AS n FROM joint_document WHERE creator = ?')
      .get(writer) as { n: number }
    if (n >= MOST_DOCUMENTS)
      throw new JointError(
        'JOINT_FULL',
        `${writer} has created ${n} documents, as many as are kept`,
      )
    const kept = keptOf(frame, proven, document)
    checkRoom(kept)
    const header = readChange(kept.body ?? new Uint8Array())
    const change = checkFirst({ ...payload, terms }, header, writer, hash)
    const next = firstState(document, writer, terms, change)
    await loaded.apply(document, kept.body ?? new Uint8Array())
    db.transact(() => {
      store.insertDocument(document, writer, terms, deps.clock.nowMs())
      store.insertStatement(kept, next)
    })
    return true
  }

  const go = async (
    state: DocumentState,
    frame: JointFrame,
    proven: ProvenJoint,
  ): Promise<boolean> => {
    const { writer } = frame
    checkPlace(state, writer, proven)
    const kept = keptOf(frame, proven, state.id)
    checkRoom(kept)
    const refused = db
      .prepare(
        'SELECT code, message FROM joint_refused WHERE document = ? AND writer = ? AND hash = ? AND tries >= ?',
      )
      .get(state.id, writer, kept.hash, MOST_TRIES)
    if (refused !== undefined)
      throw new JointError(refused['code'] as JointError['code'], refused['message'] as string)
    try {
      const place = { feed: kept.feed, seq: kept.seq, statement: kept.hash }
      const writers = new Map(state.writers).set(writer, {
        feed: kept.feed,
        seq: kept.seq,
        last: kept.hash,
      })
      let struck = false
      const next = (): DocumentState => {
        if (proven.kind === 'vote') {
          const vote = checkVote(state, proven.payload, writer, place, deps.verify)
          return { ...state, writers, votes: [...state.votes, vote] }
        }
        const header = readChange(kept.body ?? new Uint8Array())
        const change = checkNext(state, proven.payload, header, writer, place)
        struck = change.struck
        return { ...state, writers, changes: new Map(state.changes).set(change.hash, change) }
      }
      const after = next()
      if (proven.kind === 'vote' && kept.body !== null)
        throw new JointError('JOINT_BYTES', 'a vote carries bytes')
      if (proven.kind === 'joint' && !struckIn(after).has(proven.payload.change))
        await loaded.apply(state.id, kept.body ?? new Uint8Array())
      db.transact(() => {
        store.insertStatement({ ...kept, struck }, after)
        db.prepare('DELETE FROM joint_refused WHERE document = ? AND writer = ?').run(
          state.id,
          writer,
        )
      })
      if (proven.kind === 'vote') noteVoter(after, writer)
      return true
    } catch (error) {
      loaded.forget(state.id)
      if (error instanceof JointError) stop(kept, error)
      throw error
    }
  }

  return {
    statement: async (frame) => {
      // Own statements come back from others: they are known here, or lost with the log that held them.
      if (frame.writer === deps.nation) return false
      const proven = prove(frame)
      const document = proven.payload.document ?? proven.hash
      const state = store.state(document)
      if (state === null) return begin(frame, proven)
      const { seq } = proven.payload
      const twice = state.twice.get(frame.writer)
      if (twice !== undefined && seq >= twice.seq) return false
      const known = store.statementAt(document, frame.writer, seq)
      if (known === null) return go(state, frame, proven)
      if (known.hash === proven.hash) return false
      checkEvidence(state, frame.writer, proven)
      return keepTwice(document, frame.writer, seq, [frameOf(known), frame])
    },
    twice: async ({ first, second }) => {
      if (first.writer === deps.nation || first.writer !== second.writer) return false
      const [one, other] = [prove(first), prove(second)]
      const document = one.payload.document ?? one.hash
      const state = store.state(document)
      const isOfOne =
        state !== null &&
        (other.payload.document ?? other.hash) === document &&
        one.payload.seq === other.payload.seq &&
        one.hash !== other.hash
      if (!isOfOne) return false
      for (const said of [one, other]) checkEvidence(state, first.writer, said)
      return keepTwice(document, first.writer, one.payload.seq, [first, second])
    },
  }
}

/** What may come right by itself: it is not the writer who is at fault, or what is missing may still come. */
const passing: ReadonlySet<JointError['code']> = new Set([
  'JOINT_DEPS',
  'JOINT_UNKNOWN',
  'JOINT_FULL',
])

/** A document with nothing but the statement that creates it. */
export function firstState(
  id: string,
  creator: Nation,
  terms: JointTerms,
  change: AdmittedChange,
): DocumentState {
  return {
    id,
    creator,
    terms,
    writers: new Map([[creator, { feed: id, seq: 0, last: id }]]),
    changes: new Map([[change.hash, change]]),
    votes: [],
    twice: new Map(),
  }
}
