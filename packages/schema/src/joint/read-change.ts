import { fromUtf8, toHex } from '../bytes.ts'
import { sha256 } from '../hash.ts'
import { type ChangeCode, ChangeError } from './change-error.ts'
import { type ByteReader, createByteReader, readBooleans, readRuns } from './columns.ts'

/** Longest change that is taken, bytes, and most operations in it. A long text written at once is one operation a character. */
const MOST_CHANGE_BYTES = 64 * 1024
const MOST_CHANGE_OPS = 16_384

/** One operation, as far as it is looked at before Automerge sees it. */
export interface ChangeOp {
  /** Automerge's name of the object written in, `counter@actor`; null: the root. */
  readonly object: string | null
  /** Key in the root; null in a text. */
  readonly key: string | null
  readonly action: 'set' | 'delete' | 'make-text'
  readonly insert: boolean
  /** Names of the operations that it replaces, of those at the root; they stand for nothing any more. */
  readonly replaces: readonly string[]
}

/** What a change says of itself, read without Automerge. */
export interface ChangeHeader {
  /** SHA-256 of all but magic and checksum, hex. */
  readonly hash: string
  /** Hashes of the changes it builds on, hex. */
  readonly deps: readonly string[]
  /** Hex. */
  readonly actor: string
  readonly seq: number
  readonly startOp: number
  readonly ops: readonly ChangeOp[]
}

const magic = [0x85, 0x6f, 0x4a, 0x83]
const CHANGE = 1
/** Column specifications of a change. @see https://automerge.org/automerge-binary-format-spec, "Operation columns" */
const columns = {
  objectActor: 0x01,
  objectCounter: 0x02,
  keyActor: 0x11,
  keyCounter: 0x13,
  keyText: 0x15,
  insert: 0x34,
  action: 0x42,
  valueMeta: 0x56,
  valueRaw: 0x57,
  predCount: 0x70,
  predActor: 0x71,
  predCounter: 0x73,
  expand: 0x94,
  markName: 0xa5,
} as const
const known = new Set<number>(Object.values(columns))
const DEFLATED = 0x08

const actions = new Map<number, ChangeOp['action']>([
  [1, 'set'],
  [3, 'delete'],
  [4, 'make-text'],
])

const refuse = (code: ChangeCode, message: string) => new ChangeError(code, message)

/**
 * Reads one change of a joint document strictly: one uncompressed chunk and nothing behind it, no message, nothing that a run could
 * blow up, and only operations that our documents are made of. Pure, and bounded by the length of the bytes and the caps, so that it may
 * run where a hostile change may not.
 * @throws {ChangeError} `JOINT_SIZE`, `JOINT_CHUNK`, `JOINT_MESSAGE`, `JOINT_OPERATION`
 * @see https://automerge.org/automerge-binary-format-spec
 */
export function readJointChange(bytes: Uint8Array): ChangeHeader {
  if (bytes.length > MOST_CHANGE_BYTES)
    throw refuse(
      'JOINT_SIZE',
      `the change has ${bytes.length} bytes; at most ${MOST_CHANGE_BYTES} are taken`,
    )
  const chunk = createByteReader(bytes)
  if (magic.some((wanted) => chunk.byte() !== wanted))
    throw refuse('JOINT_CHUNK', 'the change does not begin as an Automerge chunk does')
  const checksum = toHex(chunk.bytes(4))
  const type = chunk.byte()
  if (type !== CHANGE)
    throw refuse(
      'JOINT_CHUNK',
      `the chunk is of type ${type}; only an uncompressed change, type 1, is taken`,
    )
  const length = chunk.unsigned()
  const body = createByteReader(chunk.bytes(length))
  if (chunk.left() > 0) throw refuse('JOINT_CHUNK', `${chunk.left()} bytes stand behind the change`)
  const hash = toHex(sha256(bytes.subarray(8)))
  if (!hash.startsWith(checksum))
    throw refuse('JOINT_CHUNK', 'the checksum of the change is not that of its bytes')

  const deps = list(body, 64, () => toHex(body.bytes(32)))
  const actor = toHex(body.bytes(body.unsigned()))
  const seq = body.unsigned()
  const startOp = body.unsigned()
  body.signed()
  const messageLength = body.unsigned()
  if (messageLength > 0) throw refuse('JOINT_MESSAGE', 'the change carries a message')
  const others = list(body, 64, () => toHex(body.bytes(body.unsigned())))
  const specs = list(body, 32, () => [body.unsigned(), body.unsigned()] as const)
  const data = new Map<number, Uint8Array>()
  let last = -1
  for (const [spec, size] of specs) {
    if ((spec & DEFLATED) !== 0) throw refuse('JOINT_CHUNK', 'a column of the change is compressed')
    if (!known.has(spec) || spec <= last)
      throw refuse('JOINT_CHUNK', 'the change has columns that are not known, or not in order')
    last = spec
    data.set(spec, body.bytes(size))
  }
  if (body.left() > 0) throw refuse('JOINT_CHUNK', `${body.left()} bytes follow the operations`)
  return { hash, deps, actor, seq, startOp, ops: readOps(data, [actor, ...others]) }
}

function list<T>(reader: ByteReader, most: number, item: () => T): T[] {
  const count = reader.unsigned()
  if (count > most) throw refuse('JOINT_SIZE', `a list in the change has ${count} items`)
  return Array.from({ length: count }, item)
}

function readOps(data: ReadonlyMap<number, Uint8Array>, actors: readonly string[]): ChangeOp[] {
  const column = (spec: number) => data.get(spec) ?? new Uint8Array()
  const numbers = (spec: number, most = MOST_CHANGE_OPS) =>
    readRuns(column(spec), most, (reader) => reader.unsigned())
  const deltas = (spec: number, most = MOST_CHANGE_OPS) =>
    readRuns(column(spec), most, (reader) => reader.signed())
  const texts = (spec: number) =>
    readRuns(column(spec), MOST_CHANGE_OPS, (reader) => utf8Text(reader.bytes(reader.unsigned())))
  const action = numbers(columns.action)
  const objectActor = numbers(columns.objectActor)
  const objectCounter = numbers(columns.objectCounter)
  const keyActor = numbers(columns.keyActor)
  const keyCounter = deltas(columns.keyCounter)
  const keyText = texts(columns.keyText)
  const insert = readBooleans(column(columns.insert), MOST_CHANGE_OPS)
  const meta = numbers(columns.valueMeta)
  const predCount = numbers(columns.predCount)
  const preds = predCount.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  if (preds > 4 * MOST_CHANGE_OPS)
    throw refuse('JOINT_SIZE', 'the change names too many operations before it')
  const predActor = numbers(columns.predActor, preds)
  const predCounter = deltas(columns.predCounter, preds)
  if (data.has(columns.markName)) throw refuse('JOINT_OPERATION', 'the change marks a text')
  if (readBooleans(column(columns.expand), MOST_CHANGE_OPS).some(Boolean))
    throw refuse('JOINT_OPERATION', 'the change marks a text')
  const lengths = [
    objectActor,
    objectCounter,
    keyActor,
    keyCounter,
    keyText,
    insert,
    meta,
    predCount,
  ]
  if (lengths.some((values) => values.length > action.length))
    throw refuse('JOINT_CHUNK', 'a column of the change is longer than the others')
  if (predActor.length !== preds || predCounter.length !== preds)
    throw refuse('JOINT_CHUNK', 'the change does not name what it says that it replaces')
  for (const values of [objectActor, keyActor, predActor])
    if (values.some((index) => index !== null && index >= actors.length))
      throw refuse('JOINT_CHUNK', 'the change names an actor that it does not list')
  const raw = meta.reduce<number>((sum, each) => sum + Math.floor((each ?? 0) / 16), 0)
  if (raw !== column(columns.valueRaw).length)
    throw refuse('JOINT_CHUNK', 'the values of the change are not as long as it says')
  if (action.length === 0) throw refuse('JOINT_OPERATION', 'the change does nothing')
  let pred = 0
  let counter = 0
  return action.map((code, i): ChangeOp => {
    const found = actions.get(code ?? -1)
    if (found === undefined)
      throw refuse('JOINT_OPERATION', `operation ${i} is none of set, delete and make text`)
    const key = keyText[i] ?? null
    const replaces: string[] = []
    for (const end = pred + (predCount[i] ?? 0); pred < end; pred++) {
      counter += predCounter[pred] ?? 0
      if (key !== null) replaces.push(`${counter}@${actors[predActor[pred] ?? -1]}`)
    }
    const at = objectCounter[i] ?? null
    const object = at === null ? null : `${at}@${actors[objectActor[i] ?? -1]}`
    return { object, key, action: found, insert: insert[i] ?? false, replaces }
  })
}

function utf8Text(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    throw refuse('JOINT_CHUNK', 'a key of the change is not UTF-8')
  }
}
