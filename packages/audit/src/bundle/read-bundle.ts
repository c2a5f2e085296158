import {
  ApprovalOpening,
  DataRecord,
  Digest,
  digestOf,
  FieldName,
  Inputs,
  JointInputs,
  JsonValue,
  Nation,
  Opening,
  parseCanonical,
  RecordId,
} from '@entente/schema'
import { z } from 'zod'
import { type AddFinding, reasonOf } from '../finding.ts'
import { linesOf } from './lines.ts'
import type { BundleFiles, Manifest } from './manifest.ts'
import { createSharing } from './sharing.ts'

const Index = z.int().min(0)
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'not 32 bytes of hex')

/** The JSON Lines files of a bundle, and what a line of each holds. @see docs/protocol.md, "Audit bundle" */
const lines = {
  'openings.jsonl': z.strictObject({ index: Index, jws: z.string(), salt: Hex32 }),
  'entries.jsonl': z.strictObject({ index: Index, opening: Opening }),
  'inputs.jsonl': z.strictObject({ index: Index, inputs: Inputs }),
  'approvals.jsonl': z.strictObject({
    index: Index,
    opening: ApprovalOpening,
    value: JsonValue.optional(),
  }),
  'joint.jsonl': z.strictObject({
    index: Index,
    inputs: JointInputs,
    change: z.base64().optional(),
  }),
  'consents.jsonl': z.strictObject({ seal: z.string() }),
  'root-recalls.jsonl': z.strictObject({ seal: z.string() }),
  'root-successions.jsonl': z.strictObject({ nation: Nation, old: z.string(), new: z.string() }),
  'policies.jsonl': z.looseObject({
    policy: z.looseObject({}),
    signatures: z.array(z.string()),
  }),
  'registers.jsonl': z.looseObject({
    register: z.looseObject({}),
    signatures: z.array(z.string()),
  }),
  'checkpoints.jsonl': z.strictObject({ size: Index, note: z.string() }),
  'sources.jsonl': z.strictObject({ digest: Digest, record: DataRecord }),
  'record-keys.jsonl': z.strictObject({ record: RecordId, key: Hex32 }),
  'acks-given.jsonl': z.strictObject({ jws: z.string() }),
  'acks-received.jsonl': z.strictObject({ jws: z.string() }),
  'received.jsonl': z.strictObject({
    from: Nation,
    index: Index,
    jws: z.string(),
    salt: Hex32,
    proof: z.string(),
  }),
  'held.jsonl': z.strictObject({
    from: Nation,
    feed: Digest,
    record: RecordId,
    digest: Digest,
    fields: z.array(FieldName),
  }),
  'partner-checkpoints.jsonl': z.strictObject({ origin: z.string(), note: z.string() }),
}
type Path = keyof typeof lines
type Row<P extends Path> = z.infer<(typeof lines)[P]>

export type OpeningRow = Row<'openings.jsonl'>
type Lines<P extends Path> = (found: AddFinding) => Iterable<Row<P>>
export type ReceivedRow = Row<'received.jsonl'>
export type HeldRow = Row<'held.jsonl'>

/** A bundle whose files have been read; nothing in it is believed yet. */
export interface Bundle {
  readonly manifest: Manifest
  readonly files: BundleFiles
  /** The largest files are read line by line, each time anew, and kept by nobody. */
  readonly openings: Lines<'openings.jsonl'>
  readonly entries: Lines<'entries.jsonl'>
  readonly inputs: Lines<'inputs.jsonl'>
  /** What officers' words are about. */
  readonly approvals: readonly Row<'approvals.jsonl'>[]
  /** Consents of other nations to hand on what they gave. */
  readonly consents: readonly Row<'consents.jsonl'>[]
  /** Recalls that roots have signed, of any nation. */
  readonly nationRecalls: readonly Row<'root-recalls.jsonl'>[]
  /** What roots have said of their successors, of any nation. */
  readonly rootSuccessions: readonly Row<'root-successions.jsonl'>[]
  /** What changes of joint documents were decided on. */
  readonly joint: readonly Row<'joint.jsonl'>[]
  /** Signed policy files by digest of the policy document. */
  readonly policies: ReadonlyMap<string, unknown>
  /** Signed registers of agreements by digest of the document. */
  readonly registers: ReadonlyMap<string, unknown>
  readonly checkpoints: readonly Row<'checkpoints.jsonl'>[]
  readonly sources: readonly Row<'sources.jsonl'>[]
  readonly recordKeys: readonly Row<'record-keys.jsonl'>[]
  readonly acksGiven: readonly { readonly jws: string }[]
  readonly acksReceived: readonly { readonly jws: string }[]
  readonly received: readonly ReceivedRow[]
  readonly held: readonly HeldRow[]
  readonly partnerCheckpoints: readonly Row<'partner-checkpoints.jsonl'>[]
}

/** Reads every file of a bundle but the largest. A file that is absent is empty: what is missing in it is found where it is needed. */
export function readBundle(manifest: Manifest, files: BundleFiles, found: AddFinding): Bundle {
  const read = <P extends Path>(path: P): Row<P>[] => [...readLines(path, files, found)]
  const later =
    <P extends Path>(path: P): Lines<P> =>
    (add) =>
      readLines(path, files, add)
  return {
    manifest,
    files,
    openings: later('openings.jsonl'),
    entries: later('entries.jsonl'),
    inputs: later('inputs.jsonl'),
    approvals: read('approvals.jsonl'),
    consents: read('consents.jsonl'),
    nationRecalls: read('root-recalls.jsonl'),
    rootSuccessions: read('root-successions.jsonl'),
    joint: read('joint.jsonl'),
    policies: new Map(read('policies.jsonl').map((file) => [digestOf(file.policy), file])),
    registers: new Map(read('registers.jsonl').map((file) => [digestOf(file.register), file])),
    checkpoints: read('checkpoints.jsonl'),
    sources: [...sharedRecords(readLines('sources.jsonl', files, found))],
    recordKeys: read('record-keys.jsonl'),
    acksGiven: read('acks-given.jsonl'),
    acksReceived: read('acks-received.jsonl'),
    received: read('received.jsonl'),
    held: read('held.jsonl'),
    partnerCheckpoints: read('partner-checkpoints.jsonl'),
  }
}

/** What a bundle shows of roots and their successors. It is read before any bundle is gone through, and what cannot be read is found there. */
export const rootSuccessionLines = (
  files: BundleFiles,
): readonly Row<'root-successions.jsonl'>[] => [
  ...readLines('root-successions.jsonl', files, () => {}),
]

/** Longer fields are hardly those of another version. */
const LONGEST_FIELD = 1_024

/** Versions of a record differ in few fields: the others stand in memory once. */
function* sharedRecords(rows: Iterable<Row<'sources.jsonl'>>): Iterable<Row<'sources.jsonl'>> {
  const share = createSharing(LONGEST_FIELD)
  for (const row of rows) yield share(row)
}

function* readLines<P extends Path>(
  path: P,
  files: BundleFiles,
  found: AddFinding,
): Iterable<Row<P>> {
  const schema: z.ZodType<unknown> = lines[path]
  for (const [number, line] of linesOf(files, path)) {
    try {
      if (line === null) throw new RangeError('not UTF-8')
      yield schema.parse(parseCanonical(line)) as Row<P>
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error)
      found('BUNDLE_FORM', `${path}, line ${number}: ${why}`)
    }
  }
}
