import {
  type JointKind,
  JointTerms,
  jointActor,
  type Label,
  type Nation,
  toHex,
} from '@entente/schema'
import { NodeError } from '../errors.ts'
import {
  type JointDoor,
  type JointPlace,
  type SealedJoint,
  sealChange,
  sealVote,
} from '../release/seal-joint.ts'
import type { LoadedDocuments } from './automerge/loaded.ts'
import { readChange } from './chunk/read-change.ts'
import { checkFirst, currentEpoch, recipientsIn } from './document/admit-change.ts'
import { policyField, readValue, TEXT } from './document/fields.ts'
import { countingChanges, type DocumentState, headsOf, struckIn } from './document/state.ts'
import { JointError } from './joint-error.ts'
import { type Edits, type JointStore, type KeptStatement, withStatement } from './joint-store.ts'
import { mustSeal } from './own-vote.ts'
import { firstState } from './take-statement.ts'

/** What somebody asks to be written. */
export interface EditRequest {
  readonly set: Readonly<Record<string, string | number>>
  readonly unset: readonly string[]
  /** Label of what is written; absent: that of the document. */
  readonly label?: Label | undefined
}

export interface CreateRequest extends EditRequest {
  readonly kind: JointKind
  readonly with: readonly Nation[]
  readonly validators?: readonly Nation[] | undefined
  readonly quorum?: number | undefined
  readonly documentLabel: Label
  readonly dataset: string
}

export interface JointWriter {
  /** @returns the document's id @throws {NodeError} */
  readonly create: (request: CreateRequest) => Promise<string>
  readonly edit: (document: string, request: EditRequest) => Promise<void>
  readonly vote: (
    document: string,
    said: {
      readonly choice: 'endorse' | 'object' | 'withdraw'
      readonly heads?: readonly string[] | undefined
      /** JWS of a `VoteSeal` by a release officer of this nation. */
      readonly seal?: string | undefined
    },
  ) => Promise<readonly string[]>
  /** Writes again what this node had built on something that is struck. @returns whether there was anything */
  readonly rebase: (document: string) => Promise<boolean>
}

/** The way out: what this node writes goes through the checks that it would have to pass at any other member. */
export function createJointWriter(
  door: JointDoor,
  store: JointStore,
  loaded: LoadedDocuments,
): JointWriter {
  const { deps, log } = door
  const { db, nation } = deps

  const keep = (
    sealed: SealedJoint,
    place: JointPlace,
    kind: 'joint' | 'vote',
    body: Uint8Array | null,
    edits: Edits | null,
  ): KeptStatement => ({
    document: place.document ?? sealed.hash,
    writer: nation,
    seq: place.seq,
    kind,
    proof: '',
    body,
    edits,
    rebased: false,
    struck: false,
    ...sealed,
  })
  const placeIn = (state: DocumentState): JointPlace => {
    const at = state.writers.get(nation)
    return {
      document: state.id,
      feed: at?.feed ?? null,
      seq: (at?.seq ?? -1) + 1,
      prev: at?.last ?? null,
      recipients: recipientsIn(state.terms, nation),
    }
  }
  const mine = (document: string): DocumentState => {
    const state = store.state(document)
    if (state === null)
      throw new NodeError(
        'JOINT_UNKNOWN',
        `there is no joint document ${document} here: \`entente joint list\``,
      )
    return state
  }
  /** Reads what was typed; a value that may not stand there is refused with the path. */
  const read = (kind: JointKind, { set, unset }: EditRequest) => {
    const values: Record<string, string | number> = {}
    let text: string | null = null
    for (const [path, given] of Object.entries(set)) {
      const found = readValue(kind, path, given)
      if (!found.ok) throw new NodeError('JOINT_VALUE', found.reason)
      if (path === TEXT) text = String(found.value)
      else values[path] = found.value
    }
    for (const path of unset)
      if (path === TEXT || policyField(kind, path) === null)
        throw new NodeError('JOINT_VALUE', `a ${kind} has no ${path} that could be taken out`)
    if (Object.keys(values).length + unset.length === 0 && text === null)
      throw new NodeError(
        'JOINT_VALUE',
        'nothing is to be changed: say --set PATH=VALUE or --unset PATH',
      )
    return { values, text }
  }
  const fieldsOf = (kind: JointKind, paths: readonly string[]): string[] =>
    [...new Set(paths.map((path) => policyField(kind, path) ?? path))].sort()

  const noteRebased = (written: readonly KeptStatement[]): void => {
    const note = db.prepare('UPDATE joint_statement SET rebased = 1 WHERE hash = ?')
    for (const { hash } of written) note.run(hash)
  }

  const write = async (
    state: DocumentState,
    edits: Edits,
    label: Label,
    epoch: number,
    /** Own statements that this one writes again: noted with it, or a crash in between would have it written a second time. */
    again: readonly KeptStatement[] = [],
  ): Promise<void> => {
    const { id, terms } = state
    const actor = jointActor(terms, nation, epoch)
    const { set, unset } = edits
    const text = edits.text?.after ?? null
    const body = await plainly(() => loaded.edit(id, { actor, set, unset, text }))
    const header = readChange(body)
    const byHash = new Map(countingChanges(state).map((change) => [change.hash, change]))
    const deps = header.deps.flatMap((dep) => byHash.get(dep)?.place ?? [])
    const paths = [...Object.keys(set), ...unset, ...(text === null ? [] : [TEXT])]
    await plainly(() => loaded.apply(id, body))
    try {
      db.transact(() => {
        const place = placeIn(mine(id))
        const { hash: change, seq: actorSeq, startOp } = header
        const said = { actor, actorSeq, change, deps, startOp, ops: header.ops.length }
        const fields = fieldsOf(terms.kind, paths)
        const sealed = sealChange(door, { place, terms, change: said, fields, label })
        const kept = keep(sealed, place, 'joint', body, edits)
        store.insertStatement(kept, withStatement(mine(id), kept))
        noteRebased(again)
      })
    } catch (error) {
      loaded.forget(id)
      store.forget(id)
      throw error
    }
    log.noteHead()
  }

  return {
    create: async (request) => {
      const parsed = JointTerms.safeParse({
        kind: request.kind,
        members: [...new Set([nation, ...request.with])].sort(),
        validators: [...new Set(request.validators ?? [nation, ...request.with])].sort(),
        quorum: request.quorum ?? new Set(request.validators ?? [nation, ...request.with]).size,
        label: request.documentLabel,
        dataset: request.dataset,
        nonce: toHex(deps.randomBytes(16)),
      })
      if (!parsed.success)
        throw new NodeError(
          'JOINT_TERMS',
          parsed.error.issues
            .map(({ path, message }) => `${path.join('.')}: ${message}`)
            .join('; '),
        )
      const terms = parsed.data
      for (const member of terms.members)
        if (member !== nation && !deps.partners.has(member))
          throw new NodeError(
            'PARTNER_UNKNOWN',
            `${member} is not in the roster; besides ${nation} it names ${[...deps.partners.keys()].sort().join(', ')}`,
          )
      const { values, text } = read(terms.kind, request)
      const actor = jointActor(terms, nation, 0)
      const body = await plainly(() =>
        loaded.edit(null, { actor, set: values, unset: [], text: text ?? '' }),
      )
      const header = readChange(body)
      const { hash: change, seq: actorSeq, startOp } = header
      const paths = [...Object.keys(values), ...(text === null ? [] : [TEXT])]
      const id = db.transact(() => {
        const recipients = recipientsIn(terms, nation)
        const place = { document: null, feed: null, seq: 0, prev: null, recipients }
        const said = { terms, actor, actorSeq, change, deps: [], startOp, ops: header.ops.length }
        const fields = fieldsOf(terms.kind, paths)
        const label = request.label ?? terms.label
        const sealed = sealChange(door, { place, terms, change: said, fields, label })
        const edits = {
          set: values,
          unset: [],
          text: text === null ? null : { before: '', after: text },
        }
        const kept = keep(sealed, place, 'joint', body, edits)
        const at = deps.clock.nowMs()
        const first = checkFirst(
          { ...(said as never as Parameters<typeof checkFirst>[0]), terms },
          header,
          nation,
          sealed.hash,
        )
        store.insertDocument(sealed.hash, nation, terms, at)
        store.insertStatement(kept, firstState(sealed.hash, nation, terms, first))
        return sealed.hash
      })
      log.noteHead()
      return id
    },
    edit: async (document, request) => {
      const state = mine(document)
      const { values, text } = read(state.terms.kind, request)
      const before = text === null ? null : (await plainly(() => loaded.read(document))).text
      const edits = {
        set: values,
        unset: request.unset,
        text: text === null || before === null ? null : { before, after: text },
      }
      const epoch = Math.max(currentEpoch(state, nation), 0) + (isStruckHere(state, nation) ? 1 : 0)
      await write(state, edits, request.label ?? state.terms.label, epoch)
    },
    vote: async (document, { choice, heads, seal }) => {
      const state = mine(document)
      if (!state.terms.validators.includes(nation))
        throw new NodeError(
          'JOINT_MEMBER',
          `${nation} is no validator of this document; it names ${state.terms.validators.join(', ')}`,
        )
      const now = headsOf(state)
      if (heads !== undefined && [...heads].sort().join() !== now.join())
        throw new NodeError(
          'JOINT_STALE',
          `the document has been changed since: its heads are ${now.map(short).join(', ')}; look at it again with \`entente joint show ${document.slice(0, 8)}\``,
        )
      const person = mustSeal(deps, state, { document, heads: now, choice }, seal)
      db.transact(() => {
        const place = placeIn(state)
        const sealed = sealVote(door, place, { heads: now, choice, seal: person })
        const kept = keep(sealed, place, 'vote', null, null)
        store.insertStatement(kept, withStatement(state, kept))
      })
      log.noteHead()
      return now
    },
    rebase: async (document) => {
      const state = mine(document)
      const struck = struckIn(state)
      const lost = store
        .statements(document)
        .filter(
          ({ writer, edits, rebased, body }) =>
            writer === nation &&
            edits !== null &&
            !rebased &&
            body !== null &&
            struck.has(readChange(body).hash),
        )
      if (lost.length === 0) return false
      const { text } = await plainly(() => loaded.read(document))
      const again = replay(
        lost.flatMap(({ edits }) => edits ?? []),
        text,
      )
      const epoch = currentEpoch(state, nation) + 1
      try {
        await write(state, again, state.terms.label, epoch, lost)
      } catch (error) {
        // What others have written meanwhile may already say the same.
        const isSame = error instanceof NodeError && error.code === 'JOINT_VALUE'
        if (!isSame) throw error
        db.transact(() => noteRebased(lost))
      }
      return true
    },
  }
}

const short = (hash: string): string => hash.slice(0, 8)

/** Own changes that do not count any more: the next one is of another actor. */
function isStruckHere(state: DocumentState, nation: Nation): boolean {
  const struck = struckIn(state)
  const last = [...state.changes.values()].findLast(({ writer }) => writer === nation)
  return last !== undefined && struck.has(last.hash)
}

/** What was asked for since, as one edit of a text that is another now. */
function replay(lost: readonly Edits[], now: string): Edits {
  const set: Record<string, string | number> = {}
  const unset = new Set<string>()
  let text = now
  for (const edits of lost) {
    for (const [path, value] of Object.entries(edits.set)) {
      set[path] = value
      unset.delete(path)
    }
    for (const path of edits.unset) {
      delete set[path]
      unset.add(path)
    }
    if (edits.text !== null) text = spliced(text, edits.text)
  }
  return {
    set,
    unset: [...unset],
    text: text === now ? null : { before: now, after: text },
  }
}

/** Does to a text what was done to another: puts in what was put in, at the same place, and takes out what still stands there. */
function spliced(now: string, { before, after }: NonNullable<Edits['text']>): string {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  let end = 0
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end])
    end++
  const out = before.slice(start, before.length - end)
  const put = after.slice(start, after.length - end)
  const at = Math.min(start, now.length)
  const gone = now.startsWith(out, at) ? out.length : 0
  return now.slice(0, at) + put + now.slice(at + gone)
}

/** An error of the process, or of an edit that changes nothing, in words of the one who asked. */
async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof JointError)) throw error
    if (error.code === 'JOINT_APPLY' && error.message.includes('nothing is changed'))
      throw new NodeError('JOINT_VALUE', 'the document says all of this already', { cause: error })
    throw new NodeError(
      'JOINT_WORKER',
      `${error.message}; nothing is lost, and nothing was written: try again`,
      { cause: error },
    )
  }
}
