import type { Envelope, Json, Label, Nation, Role, Terms } from '@entente/schema'
import type { AggregateApi } from './api/aggregate-api.ts'
import type { AliasApi } from './api/alias-api.ts'
import type { ApprovalApi } from './api/approval-api.ts'
import type { ConsentApi } from './api/consent-api.ts'
import type { ExportApi } from './api/export-api.ts'
import type { ImportApi } from './api/import-api.ts'
import type { JointApi } from './api/joint-api.ts'
import type { LedgerApi } from './api/ledger-api.ts'
import type { LogApi } from './api/log-api.ts'
import type { PolicyApi } from './api/policy-api.ts'
import type { RecordApi } from './api/record-api.ts'
import type { RecoverApi } from './api/recover-api.ts'
import type { Collected } from './export/collect-evidence.ts'
import type { EraseRequest } from './log/erase-leaves.ts'
import type { RecallRequest } from './release/seal-recall.ts'

export type * from './api/aggregate-api.ts'
export * from './api/alias-api.ts'
export type * from './api/approval-api.ts'
export type * from './api/consent-api.ts'
export * from './api/export-api.ts'
export * from './api/import-api.ts'
export type * from './api/joint-api.ts'
export type * from './api/ledger-api.ts'
export type * from './api/policy-api.ts'
export * from './api/record-api.ts'
export type { Collected } from './export/collect-evidence.ts'
export {
  type ImportedRow,
  type ImportRowsRequest,
  type ImportSection,
  importSections,
} from './import/draft/imported-rows.ts'
export type { DecidedRelation } from './parties/decide-link.ts'

/** What the verbs of the command line, the local socket and later the console may ask of a running node. */
export interface NodeApi
  extends AggregateApi,
    AliasApi,
    ApprovalApi,
    ConsentApi,
    ExportApi,
    ImportApi,
    JointApi,
    LedgerApi,
    LogApi,
    PolicyApi,
    RecordApi,
    RecoverApi {
  readonly nation: Nation
  /** Puts a signed policy file in force: verified against the roster's authorities, then logged. */
  readonly policyInstall: (
    signed: unknown,
  ) => Promise<{ readonly edition: number; readonly digest: string; readonly index: number }>
  /** Puts a signed register of agreements in force, as a policy is. */
  readonly registerInstall: (
    signed: unknown,
  ) => Promise<{ readonly edition: number; readonly digest: string; readonly index: number }>
  /** The latest signed register, or null. */
  readonly registerShow: () => Promise<Json>
  /** The signed policy file in force, or null. */
  readonly policyShow: () => Promise<Json>
  readonly preview: (request: {
    readonly dataset?: string
    readonly recipient?: Nation
  }) => Promise<Preview>
  /** Releases exactly the plan with this digest. @throws NodeError `PLAN_CHANGED` */
  readonly run: (
    request: { readonly plan: string },
    progress?: Progress,
  ) => Promise<{ readonly statements: number; readonly puts: number; readonly drops: number }>
  readonly why: (request: {
    readonly record: string
    readonly nation: Nation
    readonly field?: string
    readonly compare?: Nation
  }) => Promise<Json>
  readonly subscribe: (request: {
    readonly dataset: string
    readonly from: Nation
    readonly action: 'subscribe' | 'unsubscribe'
  }) => Promise<{ readonly seq: number }>
  /** Takes back what a release gave. @throws NodeError `LEAF_UNKNOWN`, `RECALL_REFUSED` */
  readonly recall: (request: RecallRequest) => Promise<{
    readonly index: number
    readonly recipient: Nation
    /** Records that the recipient held by that release. */
    readonly records: number
  }>
  /** Lets a record that was recalled go again, as the policy says. @throws NodeError `RECALL_REFUSED` */
  readonly allowAgain: (request: {
    readonly record: string
    readonly nation: Nation
  }) => Promise<void>
  /** Deletes what leaves say, and logs that. @throws NodeError `LEAF_UNKNOWN`, `ERASE_REFUSED` */
  readonly logErase: (request: EraseRequest) => Promise<{ readonly index: number }>
  /** Begins the feed of a dataset to a nation anew. @throws NodeError `FEED_UNKNOWN` */
  readonly feedReset: (request: {
    readonly nation: Nation
    readonly dataset: string
    readonly reason: string
  }) => Promise<{ readonly index: number }>
  readonly partnerPause: (request: {
    readonly nation: Nation
    readonly paused: boolean
  }) => Promise<void>
  readonly status: () => Promise<Status>
  readonly search: (request: {
    readonly text: string
    readonly limit?: number
  }) => Promise<readonly Row[]>
  readonly askSources: (request: { readonly material: string }) => Promise<Answer>
  readonly askSecondSources: () => Promise<Answer>
  readonly askOneMaker: () => Promise<Answer>
  readonly askMakersAbroad: () => Promise<Answer>
  /** Asks every partner for its evidence about this pair; one folder for each that answers. */
  readonly auditCollect: (
    request: { readonly directory: string },
    progress?: Progress,
  ) => Promise<{ readonly partners: readonly Collected[] }>
  /** Appends the last leaf of this log, which names the one that follows. @throws {NodeError} `HANDED_OVER` */
  readonly logHandover: (request: {
    readonly next: string
    readonly seal: string
  }) => Promise<{ readonly index: number }>
  /** Closes the current acknowledgement period, then writes the bundle (see docs/protocol.md). */
  readonly auditExport: (
    request: {
      readonly directory: string
      readonly withContent: boolean
      /** A log of this node that has ended, by number from 1; else the one that goes on. */
      readonly log?: number | undefined
    },
    progress?: Progress,
  ) => Promise<{ readonly files: number; readonly leaves: number }>
}

export type Progress = (event: {
  readonly stage: string
  readonly done: number
  readonly total?: number
}) => void

/** One record as an answer shows it: whose it is, how old, how well proven, and on what ground it is seen. */
export interface Row {
  readonly id: string
  readonly kind: string
  readonly originator: Nation
  readonly dataset: string
  readonly title: string
  readonly status: string
  readonly asOf: string
  /** Day from which an own record counts as stale, as its envelope says; null for foreign ones and where none is set. */
  readonly reviewBy: string | null
  /** `own` for the nation's own; else the ground given with the release. */
  readonly authority: string
  /** When the release was proven to us, ms; null for own records. */
  readonly provenAtMs: number | null
}

export interface ShownRecord extends Row {
  readonly banner: string
  /** Digest of an own record as it stands: what an order to widen a label is signed over. */
  readonly version?: string
  readonly envelope?: Envelope
  readonly fields: Readonly<
    Record<
      string,
      {
        readonly value: Json
        readonly authority: string
        /** Only for people of these roles here; absent: for all. */
        readonly roles?: readonly Role[]
        readonly label?: Label
        readonly terms?: Terms
        readonly asGiven?: string
        readonly conflict?: true
      }
    >
  >
}

export interface PreviewLine {
  readonly record: string
  readonly title: string
  readonly op: 'put' | 'drop'
  /** Released fields; transformed ones say in what form: `fine`, `coarse`, `country`, `pseudonym`. */
  readonly fields: readonly {
    readonly field: string
    readonly level: string
    readonly rules: readonly string[]
  }[]
  readonly withheld: number
}

/** What is new for each nation if the plan ran now. `plan` is null when there is nothing to release. */
export interface Preview {
  readonly plan: string | null
  readonly policyEdition: number | null
  readonly nations: readonly {
    readonly nation: Nation
    readonly puts: number
    readonly drops: number
    readonly fields: number
    readonly transformed: number
    readonly withheldFields: number
    readonly withheldRecords: number
    readonly lines: readonly PreviewLine[]
  }[]
}

export interface PartnerStatus {
  readonly nation: Nation
  readonly connected: boolean
  readonly paused: boolean
  /** In words: in sync since when, waiting for what, unreachable since when. */
  readonly words: string
  readonly inSync: boolean
  readonly provenAtMs: number | null
  /** `forked`: its log has two histories; `unproven`: it has not shown for too long that it has one. Nothing of it is admitted. */
  readonly standing: 'good' | 'forked' | 'unproven'
  /** Number of the witness policy that it said last that it goes by; null: not heard yet. */
  readonly witnessPolicy: number | null
  readonly sent: {
    readonly records: number
    readonly fields: number
    readonly withheld: number
    readonly acknowledged: boolean
    readonly refused: number
    /** Recalls that asked for a purge of which there is no proof yet. */
    readonly unproven: number
  }
  readonly received: {
    readonly records: number
    readonly fields: number
    readonly quarantined: number
    /** Statements that stand in its feeds and on which nothing acts yet, by kind. */
    readonly kept: Readonly<Record<string, number>>
  }
}

export interface Status {
  readonly nation: Nation
  readonly exercise: string | null
  readonly state: 'serving' | 'asking' | 'frozen'
  readonly words: string
  readonly ok: boolean
  readonly ports: readonly string[]
  readonly records: number
  /** What waits for a person in the ledger. */
  readonly needs: {
    /** Own records whose day of review has come. */
    readonly stale: number
    /** Own records with fields that nodes of the nation edited apart. */
    readonly conflicts: number
    /** Imports that are neither applied nor discarded. */
    readonly imports: number
    /** Whether the aggregates of the policy, or what they measure, have changed since they were last run. */
    readonly aggregates: boolean
    /** Values that wait for a release officer. */
    readonly approvals: {
      readonly waiting: number
      /** Since when the oldest waits. */
      readonly sinceMs: number | null
      /** How many wait for longer than the policy says. */
      readonly overdue: number
      /** Values that go by an approval which ends within the time that officers have for one. */
      readonly ending: number
      /** When the first of them does. */
      readonly endsMs: number | null
    }
  }
  readonly policy: { readonly edition: number; readonly digest: string } | null
  readonly log: {
    readonly origin: string
    readonly size: number
    readonly published: number
    readonly root: string
    readonly cosignatures: readonly string[]
    /** Nations whose witness the newest checkpoint lacks, neutral ones by name, and when it last cosigned one; null: never. */
    readonly missing: readonly { readonly nation: string; readonly lastAtMs: number | null }[]
    readonly quorum: number
    /** Whether witnesses would have to lie for this log to show two histories unnoticed at first. */
    readonly split: 'prevented' | 'detected'
  }
  readonly witness: {
    /** Number of the witness policy in force here. */
    readonly policy: number
    /** Why this node's witness cosigns nothing until its key is rotated, or null. */
    readonly lost: string | null
  }
  readonly datasets: readonly {
    readonly dataset: string
    readonly mode: string
    readonly waiting: number
  }[]
  readonly partners: readonly PartnerStatus[]
}

/** An answer is a table: rows of cells plus, per row, whose fact it is and on what ground it is seen. */
export interface Answer {
  readonly question: string
  readonly words: string
  readonly rows: readonly (Row & {
    readonly counted: boolean
    readonly marks: readonly string[]
    readonly cells: Readonly<Record<string, string>>
  })[]
}
