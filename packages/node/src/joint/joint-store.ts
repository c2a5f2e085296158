import { fromHex, Joint, type JointTerms, type Nation, peekJws, toHex, Vote } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { statementHash } from '../log/leaf.ts'
import { readChange } from './chunk/read-change.ts'
import { checkFirst, checkNext, struckChange } from './document/admit-change.ts'
import type { AdmittedChange, DocumentState, Twice } from './document/state.ts'
import { voteAgain } from './document/votes.ts'
import { JointError } from './joint-error.ts'
import type { JointFrame } from './joint-frames.ts'

/** What of a document somebody here has asked for, to be asked for again if it has to begin anew. */
export interface Edits {
  readonly set: Readonly<Record<string, string | number>>
  readonly unset: readonly string[]
  /** The text before and after; null: it was not touched. */
  readonly text: { readonly before: string; readonly after: string } | null
}

/** One statement of a joint document as it is kept. */
export interface KeptStatement {
  readonly document: string
  readonly writer: Nation
  readonly seq: number
  readonly feed: string
  readonly hash: string
  readonly kind: 'joint' | 'vote'
  readonly index: number
  readonly jws: string
  readonly salt: Uint8Array
  /** Empty: an own one that is not published yet. */
  readonly proof: string
  readonly body: Uint8Array | null
  readonly edits: Edits | null
  readonly rebased: boolean
  /** Admitted when what it builds on was struck already. Null: an older row, which does not say. */
  readonly struck: boolean | null
}

/** Reads and keeps joint documents. State is a value made from the rows; a document that changed is read on from where it was. */
export interface JointStore {
  /** Ids, oldest first. */
  readonly all: () => readonly string[]
  readonly state: (document: string) => DocumentState | null
  /** All that can be read: one document that does not load must not keep the others from being exchanged. */
  readonly readable: () => readonly DocumentState[]
  /** Inside a transaction. */
  readonly insertDocument: (id: string, creator: Nation, terms: JointTerms, atMs: number) => void
  /** Inside a transaction. @param next what the document is with it */
  readonly insertStatement: (statement: KeptStatement, next: DocumentState) => void
  readonly statements: (document: string) => readonly KeptStatement[]
  readonly statementAt: (document: string, writer: Nation, seq: number) => KeptStatement | null
  /** Bytes of statements and changes of a writer that are kept. */
  readonly bytesBy: (
    writer: Nation,
    document: string,
  ) => { readonly inDocument: number; readonly inAll: number }
  /** The one that was admitted as number so and so. */
  readonly admittedAt: (admitted: number) => KeptStatement
  readonly keepTwice: (
    document: string,
    writer: Nation,
    seq: number,
    frames: readonly [JointFrame, JointFrame],
  ) => void
  readonly twiceFrames: (
    document: string,
    writer: Nation,
  ) => readonly [JointFrame, JointFrame] | null
  /** Forgets what is remembered of a document: its rows have changed by another way. */
  readonly forget: (document: string) => void
}

export function createJointStore(db: Database): JointStore {
  const remembered = new Map<string, DocumentState>()
  /** Of writers that were asked about, by document. */
  const bytes = new Map<Nation, Map<string, number>>()
  const statements = (document: string): KeptStatement[] =>
    db
      .prepare('SELECT * FROM joint_statement WHERE document = ? ORDER BY admitted')
      .all(document)
      .map(statementOf)
  const load = (id: string): DocumentState | null => {
    const row = db.prepare('SELECT creator, terms FROM joint_document WHERE id = ?').get(id)
    if (row === undefined) return null
    const begun: DocumentState = {
      id,
      creator: row['creator'] as Nation,
      terms: JSON.parse(row['terms'] as string) as JointTerms,
      writers: new Map(),
      changes: new Map(),
      votes: [],
      twice: twiceIn(db, id),
    }
    return statements(id).reduce(withStatement, begun)
  }
  const all = (): string[] =>
    db
      .prepare('SELECT id FROM joint_document ORDER BY at_ms, id')
      .all()
      .map((row) => row['id'] as string)
  const stateOf = (document: string): DocumentState | null => {
    const known = remembered.get(document)
    if (known !== undefined) return known
    const loaded = load(document)
    if (loaded !== null) remembered.set(document, loaded)
    return loaded
  }
  return {
    all,
    state: stateOf,
    readable: () =>
      all().flatMap((id) => {
        try {
          return stateOf(id) ?? []
        } catch (error) {
          if (error instanceof JointError) return []
          throw error
        }
      }),
    insertDocument: (id, creator, terms, atMs) => {
      db.prepare('INSERT INTO joint_document(id, creator, terms, at_ms) VALUES (?, ?, ?, ?)').run(
        id,
        creator,
        JSON.stringify(terms),
        atMs,
      )
    },
    insertStatement: (said, next) => {
      // Read anew unless the transaction ends well.
      remembered.delete(said.document)
      db.prepare(
        'INSERT INTO joint_statement(document, writer, seq, feed, hash, kind, idx, jws, salt, proof, body, edits, struck) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ).run(
        said.document,
        said.writer,
        said.seq,
        said.feed,
        said.hash,
        said.kind,
        said.index,
        said.jws,
        said.salt,
        said.proof,
        said.body,
        said.edits === null ? null : JSON.stringify(said.edits),
        said.struck === null ? null : Number(said.struck),
      )
      const by = bytes.get(said.writer)
      by?.set(
        said.document,
        (by.get(said.document) ?? 0) + said.jws.length + (said.body?.length ?? 0),
      )
      remembered.set(said.document, next)
    },
    statements,
    statementAt: (document, writer, seq) => {
      const row = db
        .prepare('SELECT * FROM joint_statement WHERE document = ? AND writer = ? AND seq = ?')
        .get(document, writer, seq)
      return row === undefined ? null : statementOf(row)
    },
    bytesBy: (writer, document) => {
      let by = bytes.get(writer)
      if (by === undefined) {
        const rows = db
          .prepare(
            'SELECT document, sum(length(jws) + coalesce(length(body), 0)) AS n FROM joint_statement WHERE writer = ? GROUP BY document',
          )
          .all(writer)
        by = new Map(rows.map((row) => [row['document'] as string, row['n'] as number]))
        bytes.set(writer, by)
      }
      const inAll = [...by.values()].reduce((sum, n) => sum + n, 0)
      return { inDocument: by.get(document) ?? 0, inAll }
    },
    admittedAt: (admitted) =>
      statementOf(
        db.prepare('SELECT * FROM joint_statement WHERE admitted = ?').get(admitted) as Record<
          string,
          unknown
        >,
      ),
    keepTwice: (document, writer, seq, [first, second]) => {
      db.prepare(
        'INSERT OR REPLACE INTO joint_twice(document, writer, seq, first, second) VALUES (?, ?, ?, ?, ?)',
      ).run(document, writer, seq, JSON.stringify(first), JSON.stringify(second))
      remembered.delete(document)
    },
    twiceFrames: (document, writer) => {
      const row = db
        .prepare('SELECT first, second FROM joint_twice WHERE document = ? AND writer = ?')
        .get(document, writer)
      if (row === undefined) return null
      return [JSON.parse(row['first'] as string), JSON.parse(row['second'] as string)]
    },
    forget: (document) => remembered.delete(document),
  }
}

function statementOf(row: Record<string, unknown>): KeptStatement {
  return {
    document: row['document'] as string,
    writer: row['writer'] as Nation,
    seq: row['seq'] as number,
    feed: row['feed'] as string,
    hash: row['hash'] as string,
    kind: row['kind'] as 'joint' | 'vote',
    index: row['idx'] as number,
    jws: row['jws'] as string,
    salt: row['salt'] as Uint8Array,
    proof: row['proof'] as string,
    body: row['body'] as Uint8Array | null,
    edits: row['edits'] === null ? null : (JSON.parse(row['edits'] as string) as Edits),
    rebased: row['rebased'] === 1,
    struck: row['struck'] === null ? null : row['struck'] === 1,
  }
}

/** As it travels. @param proof where it is not kept yet */
export const frameOf = (
  { writer, jws, salt, body, proof }: KeptStatement,
  published = proof,
): JointFrame => ({
  t: 'joint',
  writer,
  jws,
  salt: toHex(salt),
  proof: published,
  body: body === null ? null : Buffer.from(body).toString('base64'),
})

/** What a frame carries, as it is kept. */
export const bytesOf = ({ salt, body }: JointFrame) => ({
  salt: fromHex(salt),
  body: body === null ? null : new Uint8Array(Buffer.from(body, 'base64')),
})

/** A feed is named by its first statement. Two first ones name two feeds; later ones stand in the feed that is known of their writer. */
function twiceIn(db: Database, document: string): Map<Nation, Twice> {
  return new Map(
    db
      .prepare('SELECT writer, seq, first, second FROM joint_twice WHERE document = ?')
      .all(document)
      .map((row) => {
        const seq = row['seq'] as number
        const feeds = (seq === 0 ? [row['first'], row['second']] : []).map((text) =>
          statementHash((JSON.parse(text as string) as JointFrame).jws),
        )
        return [row['writer'] as Nation, { seq, feeds }] as const
      }),
  )
}

/**
 * The document with one more statement, which was admitted before: what it says is checked again, so that it means the same. What was struck
 * when it came stays so, and what was not is checked as it was then: evidence that came since must not keep a document from being read.
 */
export function withStatement(state: DocumentState, said: KeptStatement): DocumentState {
  const { writer, feed, seq, hash } = said
  const place = { feed, seq, statement: hash }
  const writers = new Map(state.writers).set(writer, { feed, seq, last: hash })
  const { payload } = peekJws(said.jws)
  if (said.kind === 'vote') {
    const vote = voteAgain(Vote.parse(payload), writer, place)
    return { ...state, writers, votes: [...state.votes, vote] }
  }
  const joint = Joint.parse(payload)
  const header = readChange(said.body ?? new Uint8Array())
  const changes = new Map(state.changes)
  const change = changeAgain(state, said, joint, header)
  return { ...state, writers, changes: changes.set(change.hash, change) }
}

function changeAgain(
  state: DocumentState,
  { writer, feed, seq, hash, struck }: KeptStatement,
  joint: Joint,
  header: ReturnType<typeof readChange>,
): AdmittedChange {
  const place = { feed, seq, statement: hash }
  if (joint.document === null && joint.terms !== undefined)
    return checkFirst({ ...joint, terms: joint.terms }, header, writer, hash)
  if (struck === true) return struckChange(header, writer, place)
  if (struck === false)
    return checkNext({ ...state, twice: new Map() }, joint, header, writer, place)
  try {
    return checkNext(state, joint, header, writer, place)
  } catch (error) {
    // It was admitted, so what is missing now was struck then.
    if (error instanceof JointError && state.twice.size > 0)
      return struckChange(header, writer, place)
    throw error
  }
}
