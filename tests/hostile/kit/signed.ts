import { randomBytes } from 'node:crypto'
import * as A from '@automerge/automerge'
import { type JointFrame, statementHash } from '@entente/node/testing'
import {
  type Joint,
  type JointTerms,
  jointActor,
  type Label,
  type Nation,
  toHex,
} from '@entente/schema'
import { bodyOf, chunkOf, headerOf, withColumn } from '../../support/hostile-change.ts'
import { dropOf, type HostileSender, type Logged } from '../../support/hostile-sender.ts'

/**
 * What a partner has signed and logged with its own keys before it attacks: all of it lies under one checkpoint, so that every proof of it
 * holds, whatever it says.
 */
export interface Signed {
  /** Asks for a dataset: the one thing that is as it should be. */
  readonly subscription: Logged
  /** Statements that stand nowhere, at a wrong place, or in a feed of somebody else, or are of a kind that nobody knows. */
  readonly misplaced: readonly Logged[]
  /** A joint document with the node that is attacked. */
  readonly document: JointFrame
  /** Changes of it that Automerge would take, or choke on. */
  readonly changes: readonly JointFrame[]
}

/** @param log of the partner, which is to be read from its end on only after all of it is signed */
export function signAll(log: HostileSender, as: Nation, to: Nation): Signed {
  const digest = () => randomBytes(32).toString('base64url')
  const said = () => ({ origin: log.origin, at: Date.now() })
  const subscribe = { dataset: 'production', action: 'subscribe' }
  const first = { ...said(), feed: null, seq: 0, prev: null, recipient: to }
  const subscription = log.log('subscribe', { ...first, ...subscribe })
  const feed = statementHash(subscription.jws)
  const next = { ...first, feed, seq: 1, prev: feed }
  const misplaced = [
    // A gap, and what should come before it.
    log.log('subscribe', { ...next, ...subscribe, seq: 7, prev: digest() }),
    log.log('subscribe', { ...next, ...subscribe, seq: 6, prev: digest() }),
    // Another one where one stands, and one that names no predecessor.
    log.log('subscribe', { ...first, ...subscribe, dataset: 'needs' }),
    log.log('subscribe', { ...next, ...subscribe, prev: digest() }),
    // Feeds of others, and another's name.
    log.log('release', log.release([dropOf(`urn:entente:${toHex(randomBytes(16))}`)])),
    log.log('release', { ...log.release([]), feed: digest(), seq: 3, prev: digest() }),
    log.log('subscribe', { ...next, ...subscribe, recipient: as }),
    log.log('subscribe', { ...next, ...subscribe, origin: 'nobody.example/release-log/1' }),
    // Kinds that do not belong here, or that nobody knows.
    log.log('pad', next),
    log.log('ack', next),
    log.log('invented-later', { ...next, critical: true }),
  ]
  const { document, changes } = signDocument(log, as, to)
  return {
    subscription,
    misplaced,
    document: jointFrame(log, as, document),
    changes: changes.map((change) => jointFrame(log, as, change)),
  }
}

interface LoggedChange {
  readonly logged: Logged
  readonly bytes: Uint8Array
}

/** Once all is logged: the proof is to the newest checkpoint. */
function jointFrame(
  log: HostileSender,
  writer: Nation,
  { logged, bytes }: LoggedChange,
): JointFrame {
  const { jws, salt, proof } = log.frame(logged)
  return { t: 'joint', writer, jws, salt, proof, body: Buffer.from(bytes).toString('base64') }
}

function signDocument(log: HostileSender, as: Nation, to: Nation) {
  const members = [as, to].sort()
  const label: Label = { classification: 'RESTRICTED', releasableTo: members, caveats: [] }
  const nonce = toHex(randomBytes(16))
  const of = { members, validators: members, quorum: 1, label }
  const terms = { kind: 'requirement', ...of, dataset: 'joint', nonce } as unknown as JointTerms
  const actor = jointActor(terms, as, 0)
  const begun = A.change(A.init<Draft>({ actor }), { time: 0 }, (draft) => {
    draft['text'] = ''
    draft['title'] = new A.ImmutableString('a requirement')
  })
  const sign = (bytes: Uint8Array, place: Partial<Joint>): LoggedChange => {
    const { hash, actor: by, seq, startOp, ops } = headerOf(bytes)
    const change = { actor: by, actorSeq: seq, change: hash, startOp, ops, deps: [] }
    const statement = {
      origin: log.origin,
      at: Date.now(),
      document: null,
      feed: null,
      seq: 0,
      prev: null,
      recipients: [to],
      ...change,
      policy: 0,
      inputs: 'i'.repeat(43),
      ...place,
    }
    return { logged: log.log('joint', statement), bytes }
  }
  const document = sign(A.getLastLocalChange(begun) as Uint8Array, { terms })
  const feed = statementHash(document.logged.jws)
  const deps = [{ feed, seq: 0, statement: feed }]
  const next: Partial<Joint> = { document: feed, feed, seq: 1, prev: feed, deps }
  const changes = hostileBytes(begun, actor).map((bytes) => sign(bytes, next))
  return { document, changes }
}

type Draft = Record<string, unknown>

/** Bytes that are none of what a member may write, most of them such as Automerge itself would take. */
function hostileBytes(begun: A.Doc<Draft>, actor: string): readonly Uint8Array[] {
  const changeBy = (
    edit: (draft: Draft) => void,
    options: A.ChangeOptions<Draft> = {},
    by = actor,
  ) =>
    A.getLastLocalChange(
      A.change(A.clone(begun, { actor: by }), { time: 0, ...options }, edit),
    ) as Uint8Array
  const titled = (length: number) => (draft: Draft) => {
    draft['title'] = new A.ImmutableString('x'.repeat(length))
  }
  const body = bodyOf(changeBy(titled(1)))
  // 2^40 times set, in as many bytes as once.
  const run = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x01)
  return [
    chunkOf(1, withColumn(body, 0x42, run)),
    // Compressed, and random.
    chunkOf(2, body),
    chunkOf(1, new Uint8Array(randomBytes(60_000))),
    A.save(A.from({ title: 'x'.repeat(60_000) })),
    changeBy(titled(66_000)),
    changeBy(titled(1), { message: 'read this' }),
    changeBy(titled(1), {}, 'cd'.repeat(16)),
    changeBy((draft) => {
      draft['nested'] = { a: { b: { c: {} } } }
    }),
    // As many operations as a change may have, and one: another text among them.
    changeBy((draft) => {
      for (let i = 0; i < 8_000; i++) draft[`k${i}`] = i
      draft['text'] = 'mine now'
    }),
    new Uint8Array(),
  ]
}
