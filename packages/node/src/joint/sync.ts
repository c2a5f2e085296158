import type { Nation } from '@entente/schema'
import { formatTlogProof } from '@entente/tlog'
import type { Deps } from '../deps.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { HaveFrame, HeldDocument, JointFrame, TwiceFrame } from './joint-frames.ts'
import { frameOf, type JointStore } from './joint-store.ts'

/** One answer gives at most so many statements and characters: then the other asks again. */
const MOST_FRAMES = 128
const MOST_CHARS = 1 << 20

/** What members of a document tell each other of how far they have come, and what one of them lacks. */
export interface JointSync {
  /** All that this node has of the documents that a partner is a member of too: of others it says nothing. */
  readonly held: (partner: Nation) => HaveFrame
  /** Statements that a partner lacks, its own left out, each after what it builds on; evidence first. */
  readonly missing: (partner: Nation, have: HaveFrame) => readonly (JointFrame | TwiceFrame)[]
  /** Own statements get their proof once they are published, and keep it: every member gets the same one. @returns whether any did */
  readonly prove: () => boolean
}

export function createJointSync(context: {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly store: JointStore
  readonly published: () => PublishedLog
}): JointSync {
  const { deps, log, store, published } = context
  const { db, nation } = deps

  const prove = (): boolean => {
    const { size, note } = published()
    const rows = db
      .prepare("SELECT hash, idx FROM joint_statement WHERE writer = ? AND proof = '' AND idx < ?")
      .all(nation, size)
    if (rows.length === 0) return false
    const set = db.prepare('UPDATE joint_statement SET proof = ? WHERE hash = ?')
    db.transact(() => {
      for (const { hash, idx } of rows) {
        const index = idx as number
        const hashes = log.inclusion(index, size)
        set.run(formatTlogProof({ index, hashes, checkpoint: note }), hash as string)
      }
    })
    return true
  }
  const stoppedIn = (document: string): Nation[] =>
    db
      .prepare('SELECT writer FROM joint_refused WHERE document = ? AND tries > 1 ORDER BY writer')
      .all(document)
      .map((row) => row['writer'] as Nation)
  const shared = (partner: Nation) =>
    store.readable().filter(({ terms }) => terms.members.includes(partner))

  return {
    prove,
    held: (partner) => ({
      t: 'have',
      documents: shared(partner)
        .slice(0, 1_024)
        .map(
          ({ id, writers, twice }): HeldDocument => ({
            document: id,
            writers: Object.fromEntries(
              [...writers].map(([writer, { seq, last }]) => [writer, { seq, hash: last }]),
            ),
            stopped: stoppedIn(id),
            twice: Object.fromEntries([...twice].map(([writer, { seq }]) => [writer, seq])),
          }),
        ),
    }),
    missing: (partner, have) => {
      // A pause holds back all that widens, from this node.
      if (db.prepare('SELECT 1 FROM paused WHERE nation = ?').get(partner)) return []
      const theirs = new Map(have.documents.map((each) => [each.document, each]))
      const found: (JointFrame | TwiceFrame)[] = []
      let chars = 0
      const isFull = () => found.length >= MOST_FRAMES || chars >= MOST_CHARS
      for (const state of shared(partner)) {
        const their = theirs.get(state.id)
        for (const [writer, { seq }] of state.twice) {
          const frames = store.twiceFrames(state.id, writer)
          const known = their?.twice[writer]
          // Without the document they could not say of what it speaks.
          if (writer === partner || frames === null || their === undefined) continue
          if (known === undefined || known > seq)
            found.push({ t: 'twice', first: frames[0], second: frames[1] })
        }
        // Nothing is read of a document in which they have all.
        const isLacking = [...state.writers].some(([writer, { last }]) => {
          const known = their?.writers[writer]?.hash
          return writer !== partner && known !== last && !their?.stopped.includes(writer)
        })
        if (!isLacking) continue
        const cut = (writer: Nation) =>
          state.twice.get(writer)?.seq ?? their?.twice[writer] ?? Number.POSITIVE_INFINITY
        // Where their last statement of a writer is none of ours, all is sent: they find the first that differs.
        const from = (writer: Nation): number => {
          const last = their?.writers[writer]
          if (last === undefined) return 0
          const ours = store.statementAt(state.id, writer, last.seq)
          return ours === null || ours.hash === last.hash ? last.seq + 1 : 0
        }
        const begin = new Map(state.terms.members.map((writer) => [writer, from(writer)]))
        for (const said of store.statements(state.id)) {
          const { writer, seq, proof } = said
          if (isFull()) return found
          if (writer === partner || proof === '' || their?.stopped.includes(writer)) continue
          if (seq < (begin.get(writer) ?? 0) || seq >= cut(writer)) continue
          const frame = frameOf(said)
          chars += frame.jws.length + (frame.body?.length ?? 0) + proof.length
          found.push(frame)
        }
      }
      return found
    },
  }
}
