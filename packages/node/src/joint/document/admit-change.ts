import {
  type ChangeHeader,
  type Joint,
  type JointTerms,
  jointActor,
  type Nation,
  type Vote,
} from '@entente/schema'
import { JointError } from '../joint-error.ts'
import { TEXT } from './fields.ts'
import { type AdmittedChange, type DocumentState, joinedOf, struckIn } from './state.ts'

/** Most changes in a document, and most operations in all of them: what a member may make another keep. */
const MOST_CHANGES = 4_096
const MOST_DOCUMENT_OPS = 262_144
/** How often a writer may begin anew after something it had built on was struck. */
const MOST_EPOCHS = 64

const refuse = (code: JointError['code'], message: string) => new JointError(code, message)

/** Others than the writer: whom each of its statements in a document is addressed to. */
export const recipientsIn = (terms: JointTerms, writer: Nation): Nation[] =>
  terms.members.filter((nation) => nation !== writer)

/** The statement is of a member, and addressed to all others. @throws {JointError} `JOINT_MEMBER` */
export function checkMembers(
  terms: JointTerms,
  writer: Nation,
  { recipients }: Pick<Joint | Vote, 'recipients'>,
): void {
  if (!terms.members.includes(writer))
    throw refuse('JOINT_MEMBER', `${writer} is no member of the document`)
  if (recipients.join() !== recipientsIn(terms, writer).join())
    throw refuse('JOINT_MEMBER', `a statement of ${writer} is not addressed to all other members`)
}

/**
 * The change that creates a document: it builds on nothing, and makes the text.
 * @throws {JointError}
 */
export function checkFirst(
  { terms, ...said }: Joint & { readonly terms: JointTerms },
  header: ChangeHeader,
  writer: Nation,
  statement: string,
): AdmittedChange {
  checkNamed(said, header)
  if (header.actor !== jointActor(terms, writer, 0))
    throw refuse('JOINT_ACTOR', 'the change is of another actor than its writer’s')
  if (said.deps.length > 0 || header.deps.length > 0)
    throw refuse('JOINT_DEPS', 'the change that creates a document builds on others')
  if (header.seq !== 1) throw refuse('JOINT_SEQ', 'the first change of an actor is not its first')
  if (header.startOp !== 1)
    throw refuse('JOINT_START_OP', `the first operation is ${header.startOp}, not 1`)
  const [first, ...others] = header.ops
  const makesText = first?.action === 'make-text' && first.key === TEXT && first.object === null
  if (!makesText) throw refuse('JOINT_OPERATION', 'the change does not begin with making the text')
  checkOps(others, header.actor)
  const place = { feed: statement, seq: 0, statement }
  return changeOf(header, writer, place, { maxOp: 0, clock: new Map() })
}

/**
 * Any other change: of the writer's own actor, the next of that actor, and its operations begin behind all that it builds on, which is
 * admitted and counts. What else would keep a document from being opened again never reaches Automerge.
 * @throws {JointError}
 */
export function checkNext(
  state: DocumentState,
  said: Joint,
  header: ChangeHeader,
  writer: Nation,
  place: AdmittedChange['place'],
): AdmittedChange {
  if (said.terms !== undefined)
    throw refuse('JOINT_TERMS', 'only the statement that creates a document has terms')
  checkNamed(said, header)
  const struck = struckIn(state)
  const deps: AdmittedChange[] = []
  let isStruck = false
  for (const dep of said.deps) {
    const found = [...state.changes.values()].find(
      (change) => change.place.statement === dep.statement,
    )
    // What a writer has said twice is not passed on: all that builds on it is struck, whichever of the two it was.
    const isOfTwice = [...state.twice].some(
      ([nation, { seq, feeds }]) =>
        dep.seq >= seq &&
        // Feeds of that writer alone: it must not be able to strike what builds on another.
        (feeds.includes(dep.feed) || state.writers.get(nation)?.feed === dep.feed),
    )
    if (found === undefined && !isOfTwice)
      throw refuse(
        'JOINT_DEPS',
        `it builds on statement ${dep.seq} of a feed that is not admitted here`,
      )
    if (found === undefined || struck.has(found.hash)) isStruck = true
    else if (found.place.feed !== dep.feed || found.place.seq !== dep.seq)
      throw refuse('JOINT_DEPS', 'it names another place of what it builds on')
    else deps.push(found)
  }
  if (state.changes.size >= MOST_CHANGES) throw full()
  if (isStruck) {
    epochAllowed(state, header, writer)
    return struckChange(header, writer, place)
  }
  const named = deps.map(({ hash }) => hash).sort()
  if (named.length === 0 || named.join() !== [...header.deps].sort().join())
    throw refuse('JOINT_DEPS', 'the change builds on other changes than its statement names')
  const joined = joinedOf(deps)
  checkActor(state, header, writer, joined.clock)
  if (header.startOp !== joined.maxOp + 1)
    throw refuse(
      'JOINT_START_OP',
      `its operations begin at ${header.startOp}, and what it builds on ends at ${joined.maxOp}`,
    )
  checkOps(header.ops, jointActor(state.terms, state.creator, 0))
  if (joined.maxOp + header.ops.length > MOST_DOCUMENT_OPS) throw full()
  return changeOf(header, writer, place, joined)
}

const full = (): JointError =>
  refuse('JOINT_FULL', 'the document has as many changes as are kept: create another')

/** A change that counts no more when it comes: nothing but its place is looked at. */
export function struckChange(
  { hash, actor, seq, deps }: ChangeHeader,
  writer: Nation,
  place: AdmittedChange['place'],
): AdmittedChange {
  const none = { maxOp: 0, clock: new Map<string, number>(), struck: true }
  return { hash, writer, place, actor, actorSeq: seq, deps, ...none }
}

/** The statement says of the change what the change says of itself. */
function checkNamed(said: Omit<Joint, 'terms'>, header: ChangeHeader): void {
  if (header.hash !== said.change)
    throw refuse('JOINT_BYTES', 'the bytes are not the change that the statement names')
  if (header.actor !== said.actor)
    throw refuse('JOINT_ACTOR', 'the change is of another actor than its statement says')
  if (header.seq !== said.actorSeq)
    throw refuse('JOINT_SEQ', 'the change has another number than its statement says')
  if (header.startOp !== said.startOp)
    throw refuse('JOINT_START_OP', 'the change begins elsewhere than its statement says')
  if (header.ops.length !== said.ops)
    throw refuse('JOINT_SIZE', 'the change has more or fewer operations than its statement says')
}

/** It is of the writer's actor of now, or of its next one, which it takes when something it had built on was struck. */
function epochAllowed(state: DocumentState, header: ChangeHeader, writer: Nation): void {
  const epoch = currentEpoch(state, writer)
  if (header.actor === jointActor(state.terms, writer, Math.max(epoch, 0))) return
  if (header.actor !== jointActor(state.terms, writer, epoch + 1))
    throw refuse('JOINT_ACTOR', `the change is of another actor than that of ${writer}`)
  if (epoch + 1 >= MOST_EPOCHS) throw refuse('JOINT_ACTOR', `${writer} has begun anew too often`)
}

function checkActor(
  state: DocumentState,
  header: ChangeHeader,
  writer: Nation,
  clock: ReadonlyMap<string, number>,
): void {
  epochAllowed(state, header, writer)
  const before = [...state.changes.values()].filter(
    (change) => change.writer === writer && change.actor === header.actor,
  ).length
  // That it builds on its own last change keeps two operations from having one name.
  if (header.seq !== before + 1 || (clock.get(header.actor) ?? 0) !== before)
    throw refuse(
      'JOINT_SEQ',
      `it is change ${header.seq} of its actor, and does not follow change ${before}`,
    )
}

/** Epoch of the writer's last change; -1: it has made none. */
export function currentEpoch({ terms, changes }: DocumentState, writer: Nation): number {
  const last = [...changes.values()].findLast((change) => change.writer === writer)
  return last === undefined ? -1 : epochOf(terms, writer, last.actor)
}

/** Which actor of its writer this is. */
function epochOf(terms: JointTerms, writer: Nation, actor: string): number {
  for (let epoch = 0; epoch < MOST_EPOCHS; epoch++)
    if (jointActor(terms, writer, epoch) === actor) return epoch
  throw refuse('JOINT_ACTOR', `${writer} has no such actor`)
}

/** Values stand at the root, characters in the text; nothing else is made, nothing is nested. */
function checkOps(ops: ChangeHeader['ops'], creator: string): void {
  // The text is the first thing that was made in the document.
  const text = `1@${creator}`
  for (const { object, key, action, insert } of ops) {
    if (action === 'make-text') throw refuse('JOINT_OPERATION', 'the change makes another text')
    if (object === null ? key === null || key === TEXT || insert : object !== text || key !== null)
      throw refuse('JOINT_OPERATION', 'the change writes elsewhere than a value or the text')
  }
}

function changeOf(
  header: ChangeHeader,
  writer: Nation,
  place: AdmittedChange['place'],
  joined: { readonly maxOp: number; readonly clock: ReadonlyMap<string, number> },
): AdmittedChange {
  const { hash, actor, seq, deps, startOp, ops } = header
  const clock = new Map(joined.clock).set(actor, seq)
  return {
    hash,
    writer,
    place,
    actor,
    actorSeq: seq,
    deps,
    maxOp: startOp + ops.length - 1,
    clock,
    struck: false,
  }
}
