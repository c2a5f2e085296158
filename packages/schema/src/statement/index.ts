import type { z } from 'zod'
import { AckPeriod } from './acknowledgement.ts'
import { Approve, Deny } from './decided.ts'
import {
  Answer,
  Catalogue,
  CatalogueRequest,
  Consent,
  Purge,
  Recall,
  Releaser,
  Request,
  Reset,
  Subscribe,
} from './feed-kinds.ts'
import {
  Handover,
  KeyChange,
  PartnerChange,
  PolicyInForce,
  RegisterInForce,
  WitnessPolicyInForce,
} from './in-force.ts'
import { Joint, Vote } from './joint.ts'
import type { StatementKind } from './kind.ts'
import { Erase, Genesis, Pad } from './log-life.ts'
import { NodeRecall } from './nation-recall.ts'
import { Release } from './release.ts'

export * from './acknowledgement.ts'
export * from './answer-due.ts'
export * from './approval.ts'
export * from './decided.ts'
export * from './feed-kinds.ts'
export * from './in-force.ts'
export * from './joint.ts'
export * from './kind.ts'
export * from './log-life.ts'
export { NodeRecall } from './nation-recall.ts'
export * from './release.ts'
export * from './request-body.ts'
export { AtMs, Origin, StatementPlace } from './said.ts'

/** Payload schema of each statement kind. */
export const statements = {
  genesis: Genesis,
  policy: PolicyInForce,
  key: KeyChange,
  releaser: Releaser,
  release: Release,
  approve: Approve,
  deny: Deny,
  ack: AckPeriod,
  recall: Recall,
  purge: Purge,
  consent: Consent,
  request: Request,
  answer: Answer,
  joint: Joint,
  vote: Vote,
  subscribe: Subscribe,
  'catalogue-request': CatalogueRequest,
  catalogue: Catalogue,
  register: RegisterInForce,
  'witness-policy': WitnessPolicyInForce,
  partner: PartnerChange,
  reset: Reset,
  'nation-recall': NodeRecall,
  erase: Erase,
  pad: Pad,
  handover: Handover,
} as const satisfies Record<StatementKind, z.ZodType>
export type KnownKind = StatementKind
export type Statement<K extends StatementKind = StatementKind> = z.infer<(typeof statements)[K]>

/** Kinds that stand in a feed to one nation; all others are the log's own. */
export const feedKinds = [
  'release',
  'recall',
  'purge',
  'consent',
  'request',
  'answer',
  'joint',
  'vote',
  'subscribe',
  'catalogue-request',
  'catalogue',
  'reset',
  'releaser',
] as const satisfies readonly StatementKind[]
export type FeedKind = (typeof feedKinds)[number]
