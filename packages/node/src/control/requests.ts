import {
  ApprovalOpening,
  ChangeHash,
  choices,
  DatasetName,
  Envelope,
  FieldName,
  Inputs,
  JointKind,
  JsonValue,
  Label,
  Nation,
  RecordId,
  Role,
  RosterFile,
  Selector,
} from '@entente/schema'
import { z } from 'zod'
import { exportFormats } from '../export-table/formats.ts'
import { importSections } from '../import/draft/import-sections.ts'
import { TableOptions } from '../import/table/table.ts'
import type { NodeApi } from '../node-api.ts'
import { relations } from '../parties/relations.ts'

/** What can be asked over the local socket. */
export type Verb = Exclude<keyof NodeApi, 'nation'>

const none = z.null()
const Text = z.string().max(10_000)
const said = { author: z.string().min(1).max(200), reason: z.string().min(1).max(1000) }
const asked = { by: z.string().min(1).max(200), reason: z.string().min(1).max(1000) }
/** 256 fields of the longest names, and 64 nations. */
const ConsentSeal = z.string().max(65_536)
const PairingText = z.string().max(4_000_000)
const Limit = z.int().min(1).max(100_000).optional()

const GivenMapping = {
  file: Text,
  text: z.string().max(1 << 20),
  signatures: z.array(Text).optional(),
}
const ImportAct = z.strictObject({
  id: z.int(),
  author: said.author,
  reason: said.reason.optional(),
})

const { status, asOf, validFrom, validTo, reviewBy, confidence, jurisdiction } = Envelope.shape
const EnvelopeEdit = z.strictObject({
  status: status.exclude(['withdrawn']).optional(),
  asOf: asOf.optional(),
  validFrom,
  validTo,
  reviewBy,
  confidence,
  addJurisdiction: jurisdiction,
})

const Changes = z.record(
  FieldName,
  z.strictObject({ value: JsonValue.optional(), label: Label.optional() }),
)
const JointEdits = {
  set: z.record(z.string().max(200), z.union([z.string().max(100_000), z.int()])),
  unset: z.array(z.string().max(200)).max(1_000),
  label: Label.optional(),
}
const SignedWord = z.strictObject({
  decision: z.enum(['approve', 'deny']),
  opening: ApprovalOpening,
  seal: z.string().max(16_384),
})
const Selected = {
  kind: Text.optional(),
  dataset: Text.optional(),
  where: z.array(Text).max(100).optional(),
}

/** Body of each verb: the one argument it takes, or null. A running node parses it before it acts. */
export const requests = {
  exportTable: z.strictObject({
    kind: Text,
    dataset: Text.optional(),
    originator: Text.optional(),
    where: z.array(Text).max(100).optional(),
    limit: z.int().min(1).optional(),
    path: Text,
    format: z.enum(exportFormats).optional(),
    allColumns: z.boolean().optional(),
    overwrite: z.boolean().optional(),
    reader: z.strictObject({ role: Role, supplier: z.array(Text).max(100).optional() }).optional(),
  }),
  importStage: z.strictObject({
    file: Text,
    path: Text,
    mapping: z
      .union([
        z.strictObject({ name: Text, edition: z.int().optional() }),
        z.strictObject(GivenMapping),
      ])
      .optional(),
    table: TableOptions.optional(),
    strict: z.boolean().optional(),
    ...said,
  }),
  importList: none,
  importShow: z.strictObject({ id: z.int() }),
  importRows: z.strictObject({
    id: z.int(),
    section: z.enum(importSections),
    code: Text.optional(),
    after: z.int().optional(),
    limit: Limit,
  }),
  importApply: ImportAct,
  importUndo: ImportAct,
  importDiscard: z.strictObject({ id: z.int(), giveUpUndo: z.boolean().optional() }),
  mappingSave: z.strictObject({ ...GivenMapping, author: said.author }),
  mappingList: none,
  mappingShow: z.strictObject({ name: Text, edition: z.int().optional() }),
  recordAdd: z.strictObject({
    kind: Text,
    dataset: DatasetName,
    fields: z.record(FieldName, JsonValue),
    labels: z.record(FieldName, Label).optional(),
    envelope: EnvelopeEdit.optional(),
    ...said,
  }),
  recordEdit: z.strictObject({
    id: RecordId,
    set: Changes.optional(),
    unset: z.array(FieldName).optional(),
    envelope: EnvelopeEdit.optional(),
    order: z.strictObject({ base: Text, signatures: z.array(Text) }).optional(),
    ...said,
  }),
  recordWithdraw: z.strictObject({ id: RecordId, ...said }),
  recordRestore: z.strictObject({ id: RecordId, to: z.int().min(1).optional(), ...said }),
  recordCopy: z.strictObject({ id: RecordId, dataset: DatasetName.optional(), ...said }),
  recordConflicts: z.strictObject({ id: RecordId.optional() }),
  recordResolve: z.strictObject({ id: RecordId, field: FieldName, take: z.int().min(1), ...said }),
  recordShow: RecordId,
  recordList: z.strictObject({
    ...Selected,
    originator: Text.optional(),
    stale: z.boolean().optional(),
    limit: Limit,
  }),
  recordBulkEdit: z.strictObject({
    select: z.strictObject(Selected),
    set: Changes.optional(),
    unset: z.array(FieldName).optional(),
    envelope: EnvelopeEdit.optional(),
    trial: z.boolean(),
    expect: z.int().min(0).optional(),
    ...said,
  }),
  recordBase: RecordId,
  recordHistory: RecordId,
  ledgerCheck: z.strictObject({ limit: Limit }),
  ledgerRebuild: none,
  ledgerRename: none,
  releaserHandOver: z.strictObject({ dataset: Text, to: Text }),
  ledgerCompact: z.strictObject({ changes: z.int().min(0).optional(), ...said }),
  aliasSuggest: z.strictObject({
    text: Text.optional(),
    atLeast: z.int().min(0).max(100).optional(),
    limit: Limit,
  }),
  aliasDecide: z.strictObject({ name: Text, relation: z.enum(relations), other: Text, ...said }),
  aliasUndo: z.strictObject({ name: Text, other: Text, ...said }),
  aliasList: z.strictObject({ text: Text.optional() }),
  aggregatePreview: z.strictObject({ id: Text.optional() }),
  aggregateRun: z.strictObject(said),
  aggregateShow: none,
  approvalQueue: z.strictObject({
    record: RecordId.optional(),
    recipient: Nation.optional(),
    dataset: DatasetName.optional(),
    approved: z.boolean().optional(),
  }),
  approvalTake: z.strictObject({ words: z.array(SignedWord).min(1).max(100_000) }),
  approvalHold: z.strictObject({
    ids: z.array(Text).min(1).max(100_000),
    untilMs: z.int().min(0),
    reason: z.string().min(1).max(1000),
  }),
  bundleExport: z.strictObject({ to: Nation, path: Text, overwrite: z.boolean().optional() }),
  bundleImport: z.strictObject({ path: Text }),
  consentDraft: z.strictObject({ record: RecordId, holder: Nation }),
  consentCheck: z.strictObject({ seal: ConsentSeal }),
  consentInstall: z.strictObject({ seal: ConsentSeal }),
  consentList: none,
  consentSend: z.strictObject({ seal: ConsentSeal }),
  consentWithdraw: z.strictObject({ consent: Text }),
  consentGiven: none,
  retransferAdd: z.strictObject({ record: RecordId, dataset: DatasetName.optional() }),
  retransferRemove: z.strictObject({ record: RecordId }),
  retransferList: none,
  requestAsk: z.discriminatedUnion('ask', [
    z.strictObject({
      ...asked,
      ask: z.literal('release'),
      to: Nation.optional(),
      record: RecordId.nullable(),
      about: z.string().min(1).max(1000).nullable(),
      fields: z.array(FieldName).max(256),
    }),
    z.strictObject({
      ...asked,
      ask: z.literal('retransfer'),
      record: RecordId,
      fields: z.array(FieldName).max(256),
      recipients: z.array(Nation).max(16),
      purpose: Inputs.shape.purpose,
      derived: z.boolean(),
      untilMs: z.int().min(0),
    }),
    z.strictObject({
      ...asked,
      ask: z.literal('change'),
      record: RecordId,
      field: FieldName,
      value: JsonValue,
    }),
  ]),
  requestList: none,
  requestShow: z.strictObject({ id: z.int() }),
  requestAnswer: z.strictObject({
    ...asked,
    id: z.int(),
    decision: z.enum(['approve', 'deny']),
    seal: z.string().max(16_384).optional(),
    consents: z.array(ConsentSeal).max(16).optional(),
    record: RecordId.optional(),
    over: z.boolean().optional(),
  }),
  rosterInstall: z.strictObject({
    roster: z.unknown(),
    allowRoots: z.array(Nation).max(32).optional(),
  }),
  jointCreate: z.strictObject({
    kind: JointKind,
    with: z.array(Nation).min(1).max(31),
    validators: z.array(Nation).min(1).max(32).optional(),
    quorum: z.int().min(1).max(32).optional(),
    documentLabel: Label,
    dataset: DatasetName,
    ...JointEdits,
  }),
  jointEdit: z.strictObject({ document: Text, ...JointEdits }),
  jointVote: z.strictObject({
    document: Text,
    choice: z.enum(choices),
    heads: z.array(ChangeHash).max(64).optional(),
    seal: z.string().max(16_384).optional(),
  }),
  jointShow: z.strictObject({ document: Text }),
  jointList: none,
  policyInstall: z.unknown(),
  policyShow: none,
  policyDiff: z.strictObject({
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    register: z.unknown().optional(),
    moment: z.strictObject({ beforeMs: z.number(), afterMs: z.number() }).optional(),
  }),
  registerInstall: z.unknown(),
  registerShow: none,
  preview: z.strictObject({ dataset: DatasetName.optional(), recipient: Nation.optional() }),
  run: z.strictObject({ plan: Text }),
  why: z.strictObject({
    record: RecordId,
    nation: Nation,
    field: FieldName.optional(),
    compare: Nation.optional(),
  }),
  feedQuarantine: z.strictObject({ from: Nation.optional() }),
  datasetList: none,
  catalogue: z.strictObject({
    from: Nation.optional(),
    waitMs: z.int().min(0).max(120_000).optional(),
  }),
  subscribe: z.strictObject({
    dataset: DatasetName,
    from: Nation,
    action: z.enum(['subscribe', 'unsubscribe']),
    ...Selector.shape,
    only: z.literal(true).optional(),
  }),
  recall: z.strictObject({
    index: z.int().min(0),
    entries: z.array(Text).max(256).optional(),
    purge: z.boolean(),
    reason: z.string().min(1).max(200),
  }),
  nationRecall: z.strictObject({
    records: z.array(RecordId).min(1).max(16),
    purge: z.boolean(),
    reason: z.string().min(1).max(200),
  }),
  logRecover: z.strictObject({
    from: z.array(Text).min(1).max(64),
    key: Text.optional(),
  }),
  logErase: z.strictObject({
    leaves: z.array(z.int().min(0)).min(1).max(10_000),
    ground: z.string().min(1).max(200),
    authority: z.string().min(1).max(200),
  }),
  feedReset: z.strictObject({
    nation: Nation,
    dataset: DatasetName,
    reason: z.string().min(1).max(200),
  }),
  allowAgain: z.strictObject({ record: RecordId, nation: Nation }),
  partnerInvite: z.strictObject({
    nation: Nation,
    forMs: z.int().min(1),
    answerMs: z.int().min(100).max(86_400_000).optional(),
  }),
  pairingRead: z.strictObject({ text: PairingText }),
  partnerAccept: z.strictObject({
    text: PairingText,
    signature: ConsentSeal.nullable(),
    compared: z.boolean(),
  }),
  pairingReplies: z.strictObject({ replies: z.array(PairingText).min(1).max(64) }),
  partnerConfirm: z.strictObject({
    replies: z.array(PairingText).min(1).max(64),
    signature: ConsentSeal.nullable(),
  }),
  partnerCompared: z.strictObject({ nation: Nation }),
  rosterProposals: none,
  rosterSigned: z.strictObject({ roster: RosterFile }),
  partnerList: none,
  partnerShow: z.strictObject({ nation: Nation }),
  partnerRevoke: z.strictObject({ nation: Nation, reason: z.string().min(1).max(200) }),
  partnerPause: z.strictObject({ nation: Nation, paused: z.boolean() }),
  status: none,
  search: z.strictObject({ text: Text, limit: Limit }),
  askSources: z.strictObject({ material: Text }),
  askSecondSources: none,
  askOneMaker: none,
  askMakersAbroad: none,
  logExport: z.strictObject({ directory: Text }),
  logFile: z.string().max(200),
  witnessAnswer: z.string().max(1 << 17),
  logEvidence: none,
  logFsck: z.strictObject({ limit: z.int().min(1).optional() }),
  logShow: z.int().min(0),
  logProve: z.int().min(0),
  auditCollect: z.strictObject({ directory: Text }),
  revocationTake: z.strictObject({ seals: z.array(z.string().max(4_096)).min(1).max(4_096) }),
  rootRecallTake: z.strictObject({ seals: z.array(z.string().max(4_096)).min(1).max(1_024) }),
  logHandover: z.strictObject({ next: z.string().max(300), seal: z.string().max(16_384) }),
  auditExport: z.strictObject({
    directory: Text,
    withContent: z.boolean(),
    log: z.int().min(1).optional(),
  }),
} satisfies Record<Verb, z.ZodType>

export function isVerb(name: string): name is Verb {
  return Object.hasOwn(requests, name)
}
