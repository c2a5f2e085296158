import type { Envelope, Json, Label, Nation, Role, Tally, Terms } from '@entente/schema'
import type { AggregateApi } from './api/aggregate-api.ts'
import type { AliasApi } from './api/alias-api.ts'
import type { ApprovalApi } from './api/approval-api.ts'
import type { BundleApi } from './api/bundle-api.ts'
import type { CatalogueApi } from './api/catalogue-api.ts'
import type { ConsentApi } from './api/consent-api.ts'
import type { DatasetApi } from './api/dataset-api.ts'
import type { ExportApi } from './api/export-api.ts'
import type { ImportApi } from './api/import-api.ts'
import type { JointApi } from './api/joint-api.ts'
import type { KeyApi } from './api/key-api.ts'
import type { LedgerApi } from './api/ledger-api.ts'
import type { LogApi } from './api/log-api.ts'
import type { PairingApi } from './api/pairing-api.ts'
import type { PolicyApi } from './api/policy-api.ts'
import type { QuarantineApi } from './api/quarantine-api.ts'
import type { RecordApi } from './api/record-api.ts'
import type { RecoverApi } from './api/recover-api.ts'
import type { RequestApi } from './api/request-api.ts'
import type { RetransferApi } from './api/retransfer-api.ts'
import type { CourierStatus } from './courier/courier-status.ts'
import type { Collected } from './export/collect-evidence.ts'
import type { HandedOver, HandOverRequest } from './handover/hand-over-dataset.ts'
import type { EraseRequest } from './log/erase-leaves.ts'
import type { NationRecallRequest, SaidRecall } from './nation-recalls/seal-nation-recall.ts'
import type { RecallRequest } from './release/seal-recall.ts'
import type { SubscribeRequest } from './release/subscribe.ts'
import type { Unpurged } from './siblings/received/passed-to.ts'
import type { ReceivedLink } from './siblings/received/received-links.ts'
import type { SiblingLink } from './siblings/sibling-links.ts'

export type * from './api/aggregate-api.ts'
export type * from './api/alias-api.ts'
export type * from './api/approval-api.ts'
export type * from './api/bundle-api.ts'
export type * from './api/catalogue-api.ts'
export type * from './api/consent-api.ts'
export type * from './api/dataset-api.ts'
export type * from './api/export-api.ts'
export type * from './api/import-api.ts'
export type * from './api/joint-api.ts'
export type * from './api/ledger-api.ts'
export type * from './api/pairing-api.ts'
export type * from './api/policy-api.ts'
export type * from './api/quarantine-api.ts'
export type * from './api/record-api.ts'
export type * from './api/request-api.ts'
export type * from './api/retransfer-api.ts'
export type { Collected } from './export/collect-evidence.ts'
export { type ImportSection, importSections } from './import/draft/import-sections.ts'
export type { ImportedRow, ImportRowsRequest } from './import/draft/imported-rows.ts'
export type { DecidedRelation } from './parties/relations.ts'

/** What one plan became. */
export interface ReleaseRun {
  readonly statements: number
  /** Indexes of their leaves in the log: what a recall names. */
  readonly leaves: readonly number[]
  readonly puts: number
  readonly drops: number
}

/** What the verbs of the command line, the local socket and later the console may ask of a running node. */
export interface NodeApi
  extends AggregateApi,
    AliasApi,
    ApprovalApi,
    BundleApi,
    CatalogueApi,
    ConsentApi,
    DatasetApi,
    ExportApi,
    ImportApi,
    JointApi,
    KeyApi,
    LedgerApi,
    LogApi,
    PairingApi,
    PolicyApi,
    QuarantineApi,
    RecordApi,
    RecoverApi,
    RequestApi,
    RetransferApi {
  readonly nation: Nation
  /**
   * Trusts a roster that every nation has signed. A serving node is opened again with it before it answers anything else.
   * `allowRoots`: nations that begin anew under another root, whose words people have compared.
   * @throws {RosterError} {@link SetupError} as `installRoster` does
   */
  readonly rosterInstall: (given: {
    readonly roster?: unknown
    readonly allowRoots?: readonly Nation[] | undefined
  }) => Promise<{
    readonly nations: readonly Nation[]
    readonly number: number
    readonly quorum: number
  }>
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
  readonly run: (request: { readonly plan: string }, progress?: Progress) => Promise<ReleaseRun>
  readonly why: (request: {
    readonly record: string
    readonly nation: Nation
    readonly field?: string
    readonly compare?: Nation
  }) => Promise<Json>
  /** @throws NodeError `PARTNER_UNKNOWN`, `SELECTION_WIDER`: only a part of something wider was to be given up */
  readonly subscribe: (request: SubscribeRequest) => Promise<{ readonly seq: number }>
  /** Takes back what a release gave. @throws NodeError `LEAF_UNKNOWN`, `RECALL_REFUSED` */
  readonly recall: (request: RecallRequest) => Promise<{
    readonly index: number
    readonly recipient: Nation
    /** Records that the recipient held by that release. */
    readonly records: number
  }>
  /**
   * Takes records back from everybody by this node's word for its nation, whichever node of it has released them.
   * @returns with the partners, all of whom are told
   * @throws {NationRecallError} `NODE_RECALL_NODE`, `NODE_RECALL_REVOKED`
   */
  readonly nationRecall: (
    request: NationRecallRequest,
  ) => Promise<SaidRecall & { readonly nations: readonly Nation[] }>
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
  /** Hands a dataset over to another node of the nation. @throws NodeError `NODE_UNKNOWN`, `NOT_RELEASER` */
  readonly releaserHandOver: (request: HandOverRequest) => Promise<HandedOver>
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
  /** Every log of it that releases something to us is proven, and all that we gave it is acknowledged. */
  readonly inSync: boolean
  /** When the log that has been proven longest ago was; null: one of them has not been yet. */
  readonly provenAtMs: number | null
  /** When both sides were last proven to hold the same, both ways; now, if they are; null: never yet. */
  readonly inSyncAtMs: number | null
  /** That is longer ago than a proof stays fresh. */
  readonly amber: boolean
  /** When it is dialled again; null: it is connected, or nobody knows. */
  readonly retryAtMs: number | null
  /** How far its clock is off ours for certain, ms, positive: ahead; null: as far as one can tell, it is right. */
  readonly clockOffMs: number | null
  /** `forked`: its log has two histories; `unproven`: it has not shown for too long that it has one. Nothing of it is admitted. */
  readonly standing: 'good' | 'forked' | 'unproven'
  /** Number of the witness policy that it said last that it goes by; null: not heard yet. */
  readonly witnessPolicy: number | null
  /** What has been carried to it and from it; null: nothing has. */
  readonly courier: CourierStatus | null
  readonly sent: {
    readonly records: number
    readonly fields: number
    readonly withheld: number
    readonly acknowledged: boolean
    readonly refused: number
    /** Recalls that asked for a purge of which there is no proof yet. */
    readonly unproven: number
    /** What became of all entries sent, by its last signed word; null: it has given none. */
    readonly tally: Tally | null
    /** Whether that adds up to what we have sealed. */
    readonly agreed: boolean | null
  }
  readonly received: {
    readonly records: number
    readonly fields: number
    readonly quarantined: number
    /** What became of all entries it sent, as we have said, signed; null: none came. */
    readonly tally: Tally | null
    /** Statements that stand in its feeds and on which nothing acts yet, by kind. */
    readonly kept: Readonly<Record<string, number>>
  }
}

/** Something that needs a person. */
export interface Todo {
  readonly urgent: boolean
  readonly words: string
  /** What to type; null: it is not done here. */
  readonly command: string | null
}

/** One step of the way to the first release. */
export interface FirstStep {
  readonly done: boolean
  readonly words: string
  readonly command: string
}

export interface Status {
  readonly nation: Nation
  readonly exercise: string | null
  readonly state: 'serving' | 'asking' | 'frozen'
  /** Whether a process serves this node, by network or with `--offline`; false: nothing goes or comes, and nobody is asked. */
  readonly running: boolean
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
    /** Requests of partners that nobody has decided, those whose answer is late, and ours that wait for an answer beyond its time. */
    readonly requests: { readonly open: number; readonly late: number; readonly awaited: number }
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
  /** Pairings and roster editions that wait for somebody, in words. */
  readonly pairing: readonly string[]
  /** What needs a person, the most urgent first. */
  readonly todo: readonly Todo[]
  /** The way to the first release; empty once something has gone or come. */
  readonly firstSteps: readonly FirstStep[]
  /** Whether this node only drafts. */
  readonly drafts?: true
  /** The nation's other nodes; absent where there are none. */
  readonly siblings?: readonly (SiblingLink & {
    /** At the node that receives: recalls that this one has not carried out, of whose nations it may still hold values. */
    readonly unpurged?: readonly Unpurged[]
  })[]
  /** Who passes on to this node what partners gave; absent at the node that receives. */
  readonly received?: ReceivedLink
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
