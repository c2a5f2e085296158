import { refusedInJoint } from '@entente/policy'
import { canonicalJson, type JointInputs, type Nation } from '@entente/schema'
import { formatTlogProof } from '@entente/tlog'
import type { Deps } from '../deps.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { JointDoor } from '../release/seal-joint.ts'
import type { DocumentState } from './document/state.ts'
import type { HaveFrame, HeldDocument, JointFrame, TwiceFrame } from './joint-frames.ts'
import { frameOf, type JointStore } from './joint-store.ts'

/** One answer gives at most so many statements and characters: then the other asks again. */
const MOST_FRAMES = 128
const MOST_CHARS = 1 << 20

/** What members of a document tell each other of how far they have come, and what one of them lacks. */
export interface JointSync {
  /** All that this node has of the documents that a partner is a member of too: of others it says nothing. */
  readonly held: (partner: Nation) => HaveFrame
  /**
   * Statements that a partner lacks, its own left out, each after what it builds on; evidence first. Of this node's changes only what the
   * policy in force now lets it have.
   */
  readonly missing: (
    partner: Nation,
    have: HaveFrame,
    /** 1: to see whether there is anything. */
    most?: number,
  ) => readonly (JointFrame | TwiceFrame)[]
  /** Own statements get their proof once they are published, and keep it: every member gets the same one. @returns whether any did */
  readonly prove: () => boolean
}

export function createJointSync(context: {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly store: JointStore
  readonly policies: JointDoor['policies']
  readonly published: () => PublishedLog
}): JointSync {
  const { deps, log, store, policies, published } = context
  const { db, nation } = deps
  /** Documents, one of its own and one of others, of which each partner was given last. */
  const turn = new Map<string, string>()
  const turnOf = (creator: Nation | null, partner: Nation): string =>
    `${partner} ${creator === nation}`
  // Bodies are read of what is given alone.
  const waiting = db.prepare(
    `SELECT admitted, idx, kind, proof <> '' AS proof, octet_length(jws) + octet_length(proof) + coalesce(octet_length(body), 0) * 4 / 3 AS size
     FROM joint_statement WHERE document = ? AND writer = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
  )
  const hashAt = db.prepare(
    'SELECT hash FROM joint_statement WHERE document = ? AND writer = ? AND seq = ?',
  )
  let decided = { compiled: null as unknown, minute: 0, answers: new Map<string, boolean>() }
  /** Whether the policy in force now lets a member have an own change. It was decided when it was written, maybe under another. */
  const mayHave = (index: number, partner: Nation): boolean => {
    const atMs = deps.clock.nowMs()
    const policy = policies.at(atMs)
    const row = db.prepare('SELECT json FROM joint_inputs WHERE idx = ?').get(index)
    if (policy === null || row === undefined) return false
    const { kind, dataset, label, fields } = JSON.parse(row['json'] as string) as JointInputs
    // What decides may answer otherwise from some moment on: no answer is remembered long.
    const minute = Math.floor(atMs / 60_000)
    if (decided.compiled !== policy.compiled || decided.minute !== minute)
      decided = { compiled: policy.compiled, minute, answers: new Map() }
    const asked = canonicalJson([partner, kind, dataset, label, fields])
    const known = decided.answers.get(asked)
    if (known !== undefined) return known
    const question = { kind, dataset, label, fields, recipients: [partner], writer: nation, atMs }
    const answer = refusedInJoint(question, policy.compiled).length === 0
    decided.answers.set(asked, answer)
    return answer
  }

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
    missing: (partner, have, most = MOST_FRAMES) => {
      // A pause holds back all that widens, from this node.
      if (db.prepare('SELECT 1 FROM paused WHERE nation = ?').get(partner)) return []
      const theirs = new Map(have.documents.map((each) => [each.document, each]))
      const found: (JointFrame | TwiceFrame)[] = []
      const lacking: DocumentState[] = []
      for (const state of shared(partner)) {
        const their = theirs.get(state.id)
        for (const [writer, { seq }] of state.twice) {
          const known = their?.twice[writer]
          // Without the document they could not say of what it speaks.
          if (writer === partner || their === undefined || found.length >= most) continue
          if (known !== undefined && known <= seq) continue
          const frames = store.twiceFrames(state.id, writer)
          if (frames !== null) found.push({ t: 'twice', first: frames[0], second: frames[1] })
        }
        if (isLacking(state, their, partner)) lacking.push(state)
      }
      const ofEach = Math.ceil((2 * most) / Math.max(1, Math.min(lacking.length, most)))
      const queues: Queue[] = []
      for (const state of inTurn(lacking, partner)) {
        if (queues.length >= most) break
        const queue = queueOf(state, theirs.get(state.id), partner, ofEach)
        if (queue.own.length + queue.others.length > 0) queues.push(queue)
      }
      const chosen = chooseFairly(queues, most - found.length)
      // The next answer begins with other documents: what is refused for good must not stand before them for ever.
      if (most > 1)
        for (const { document, creator } of chosen) turn.set(turnOf(creator, partner), document)
      chosen.sort((a, b) => a.admitted - b.admitted)
      for (const { admitted } of chosen) found.push(frameOf(store.admittedAt(admitted)))
      return found
    },
  }

  /** Whether a partner says less of a document than is known here. Where it says more it is believed, and given nothing. */
  function isLacking(
    { writers }: DocumentState,
    their: HeldDocument | undefined,
    partner: Nation,
  ): boolean {
    return [...writers].some(([writer, { seq, last }]) => {
      const known = their?.writers[writer]
      if (writer === partner || their?.stopped.includes(writer)) return false
      return known === undefined || (known.seq <= seq && known.hash !== last)
    })
  }

  /** Own documents and others by turns, each beginning behind the last that was given of. */
  function inTurn(states: readonly DocumentState[], partner: Nation): DocumentState[] {
    const turned = (isOwn: boolean): DocumentState[] => {
      const all = states.filter(({ creator }) => (creator === nation) === isOwn)
      const last = turn.get(turnOf(isOwn ? nation : null, partner))
      const begun = all.findIndex(({ id }) => id === last) + 1
      return [...all.slice(begun), ...all.slice(0, begun)]
    }
    const [own, others] = [turned(true), turned(false)]
    return Array.from({ length: Math.max(own.length, others.length) }, (_, i) =>
      [own[i], others[i]].filter((each) => each !== undefined),
    ).flat()
  }

  /** What a partner lacks of a document, in order; own statements apart, up to the first that it may not have any more. */
  function queueOf(
    { id, creator, writers, twice }: DocumentState,
    their: HeldDocument | undefined,
    partner: Nation,
    most: number,
  ): Queue {
    const queue: { own: Waiting[]; others: Waiting[] } = { own: [], others: [] }
    for (const [writer, at] of writers) {
      if (writer === partner || their?.stopped.includes(writer)) continue
      const known = their?.writers[writer]
      if (known !== undefined && known.seq > at.seq) continue
      // Where their last statement of a writer is none of ours, all is sent: they find the first that differs.
      const from =
        known === undefined || hashAt.get(id, writer, known.seq)?.['hash'] !== known.hash
          ? 0
          : known.seq + 1
      const cut = twice.get(writer)?.seq ?? their?.twice[writer] ?? at.seq + 1
      for (const row of waiting.all(id, writer, from, cut, most)) {
        if (row['proof'] === 0) break
        const index = row['idx'] as number
        if (writer === nation && row['kind'] === 'joint' && !mayHave(index, partner)) break
        const { admitted, size } = row as { admitted: number; size: number }
        queue[writer === nation ? 'own' : 'others'].push({
          document: id,
          creator,
          admitted,
          size,
        })
      }
    }
    queue.others.sort((a, b) => a.admitted - b.admitted)
    return queue
  }
}

/** A statement that may be given, before its bytes are read. */
interface Waiting {
  readonly document: string
  readonly creator: Nation
  readonly admitted: number
  readonly size: number
}

interface Queue {
  readonly own: readonly Waiting[]
  readonly others: readonly Waiting[]
}

/** Half of an answer is of own statements, if there are so many; each document gives one in its turn. */
function chooseFairly(queues: readonly Queue[], most: number): Waiting[] {
  const chosen: Waiting[] = []
  let chars = 0
  const choose = (lists: readonly (readonly Waiting[])[], upTo: number, upToChars: number) => {
    const longest = Math.max(0, ...lists.map(({ length }) => length))
    for (let i = 0; i < longest; i++)
      for (const list of lists) {
        const one = list[i]
        if (one === undefined) continue
        if (chosen.length >= upTo || chars >= upToChars) return
        chars += one.size
        chosen.push(one)
      }
  }
  const own = queues.map((queue) => queue.own)
  choose(own, Math.ceil(most / 2), MOST_CHARS / 2)
  const firsts = new Set(chosen)
  choose(
    queues.map(({ others }) => others),
    most,
    MOST_CHARS,
  )
  choose(
    own.map((list) => list.filter((one) => !firsts.has(one))),
    most,
    MOST_CHARS,
  )
  return chosen
}
