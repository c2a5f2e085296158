import type { Nation } from '@entente/schema'
import { AdmitError } from '../admit/codes.ts'
import type { Deps, Partner } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { JointDoor } from '../release/seal-joint.ts'
import { createLoadedDocuments } from './automerge/loaded.ts'
import { type AutomergeProcess, createAutomergeProcess } from './automerge/run-automerge.ts'
import { readChange } from './chunk/read-change.ts'
import { struckIn } from './document/state.ts'
import { JointError } from './joint-error.ts'
import type { HaveFrame, JointFrame, TwiceFrame } from './joint-frames.ts'
import { createJointStore } from './joint-store.ts'
import { type ShownDocument, showDocument } from './show-document.ts'
import { createJointSync, type JointSync } from './sync.ts'
import { createJointAdmission } from './take-statement.ts'
import { createJointWriter, type JointWriter } from './write-document.ts'

/** Joint documents of one node. One thing at a time is done to them. */
export interface JointDocuments
  extends AsyncDisposable,
    Pick<JointWriter, 'create' | 'edit' | 'vote'> {
  readonly ids: () => readonly string[]
  readonly list: () => Promise<readonly ShownDocument[]>
  /** @throws {NodeError} `JOINT_UNKNOWN`, `JOINT_WORKER` */
  readonly show: (document: string) => Promise<ShownDocument>
  readonly held: (partner: Nation) => HaveFrame
  readonly missing: JointSync['missing']
  /**
   * Takes in what a partner has handed on, its own or another member's. A refusal is noted against its writer and stops no other.
   * @returns whether anything is new
   */
  readonly take: (from: Partner, frame: JointFrame | TwiceFrame) => Promise<boolean>
  /** Writes again what was built on something that is struck; when this node may sign. */
  readonly tidy: () => Promise<void>
  /** The log may have been published further. */
  readonly notePublished: () => void
  readonly onChanged: (listener: () => void) => () => void
}

export function createJointDocuments(context: {
  readonly deps: Deps
  readonly door: JointDoor
  readonly published: () => PublishedLog
  /** Something was sealed. */
  readonly sealed: () => void
  readonly maySeal: () => boolean
  readonly onCheckpoint: (writer: Partner, note: string) => void
  readonly automerge?: AutomergeProcess
  /** Other limits than the usual ones on what one nation may have this one keep, bytes. */
  readonly most?: { readonly inDocument: number; readonly inAll: number }
}): JointDocuments {
  const { deps, door, published, maySeal } = context
  const { db, journal } = deps
  const store = createJointStore(db)
  const automerge = context.automerge ?? createAutomergeProcess()
  const loaded = createLoadedDocuments(automerge, (document) => {
    const state = store.state(document)
    const struck = state === null ? new Set() : struckIn(state)
    return store
      .statements(document)
      .flatMap(({ body }) => (body === null || struck.has(readChange(body).hash) ? [] : [body]))
  })
  const writer = createJointWriter(door, store, loaded)
  const sync = createJointSync({
    deps,
    log: door.log,
    store,
    policies: door.policies,
    published,
  })
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of listeners) listener()
  }
  /** Documents in which something that others had built on was struck. */
  const untidy = new Set(store.all())
  const admission = createJointAdmission({
    deps,
    store,
    loaded,
    onCheckpoint: context.onCheckpoint,
    onTwice: (document) => untidy.add(document),
    most: context.most,
  })
  let queue: Promise<unknown> = Promise.resolve()
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }
  const sealing = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = await alone(work)
    context.sealed()
    changed()
    return result
  }
  const tidyNow = async (): Promise<void> => {
    for (const document of [...untidy]) {
      try {
        const state = store.state(document)
        if (state !== null && state.twice.size > 0) {
          if (!maySeal()) return
          if (await writer.rebase(document)) {
            context.sealed()
            changed()
          }
        }
        untidy.delete(document)
      } catch (error) {
        // One document that cannot be tidied, or does not load, stops no other.
        if (!(error instanceof NodeError) && !(error instanceof JointError)) throw error
        journal.fault({ where: 'joint', code: error.code, message: error.message })
      }
    }
  }
  const stoppedIn = (document: string): ShownDocument['stopped'] =>
    db
      .prepare('SELECT writer, seq, code, message FROM joint_refused WHERE document = ? ORDER BY 1')
      .all(document)
      .map((row) => ({
        nation: row['writer'] as Nation,
        seq: row['seq'] as number,
        code: row['code'] as string,
        message: row['message'] as string,
      }))
  const show = async (document: string): Promise<ShownDocument> => {
    try {
      const state = store.state(document)
      if (state === null)
        throw new NodeError(
          'JOINT_UNKNOWN',
          `there is no joint document ${document} here: \`entente joint list\``,
        )
      const content = await loaded.read(document)
      return { ...showDocument(store, state, content, deps.roster), stopped: stoppedIn(document) }
    } catch (error) {
      if (!(error instanceof JointError)) throw error
      throw new NodeError('JOINT_WORKER', `${error.message}; nothing is lost: try again`, {
        cause: error,
      })
    }
  }

  return {
    create: (request) => sealing(() => writer.create(request)),
    edit: (document, request) => sealing(() => writer.edit(document, request)),
    vote: (document, said) => sealing(() => writer.vote(document, said)),
    show: (document) => alone(() => show(document)),
    ids: store.all,
    list: () =>
      alone(async () => {
        const all: ShownDocument[] = []
        // What does not load is noted by whoever asks for it; the others are shown.
        for (const { id } of store.readable()) all.push(await show(id))
        return all
      }),
    held: sync.held,
    missing: sync.missing,
    take: async (from, frame) => {
      try {
        const isNew = await alone(() =>
          frame.t === 'twice' ? admission.twice(frame) : admission.statement(frame),
        )
        if (isNew) {
          changed()
          await alone(tidyNow)
        }
        return isNew
      } catch (error) {
        if (!(error instanceof JointError) && !(error instanceof AdmitError)) throw error
        const { code } = error
        const message = `handed on by ${from.nation}: ${error.message}`
        const writerName = frame.t === 'twice' ? frame.first.writer : frame.writer
        journal.refused({
          from: deps.partners.has(writerName) ? writerName : from.nation,
          code,
          message,
        })
        return false
      }
    },
    tidy: () => alone(tidyNow),
    notePublished: () => {
      if (sync.prove()) changed()
    },
    onChanged: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    [Symbol.asyncDispose]: async () => {
      await automerge[Symbol.asyncDispose]()
      await queue
    },
  }
}
