import type { Nation } from '@entente/schema'
import type { Finding } from '../finding.ts'
import type { StepReport } from './steps.ts'

/** A person's or node's certificate, as a report names it. */
export interface Signer {
  readonly name: string
  readonly serial: number
  /** Ed25519 public key, base64url. */
  readonly key: string
}

/** One policy that was in force, and who put it there. */
export interface PolicyReport {
  readonly index: number
  readonly edition: number
  readonly digest: string
  /** Milliseconds since 1970, UTC; `until` is out. */
  readonly from: number
  readonly until: number
  readonly authorities: readonly Signer[]
  /** How many releases were decided under it. */
  readonly releases: number
}

/** What went to one nation: records and fields standing now, puts and drops ever. */
export interface ReleasedReport {
  readonly records: number
  readonly fields: number
  readonly puts: number
  readonly drops: number
}

/** One nation's part. */
export interface NationReport {
  readonly origin: string
  /** Where the audit of this bundle had to end; null: it went to the end. */
  readonly stoppedAt: 'bundle' | 'log' | null
  readonly size: number
  /** Base64 root; empty when there is no log to speak of. */
  readonly root: string
  /** Leaves opened and verified. */
  readonly leaves: number
  /** Leaves that are closed because an `erase` statement of the log says so. */
  readonly erased: number
  readonly statements: Readonly<Record<string, number>>
  readonly released: Readonly<Record<Nation, ReleasedReport>>
  readonly received: Readonly<Record<Nation, { readonly records: number }>>
  /** Nations whose witnesses cosigned the head. */
  readonly cosignatures: readonly Nation[]
  /** Age of the head's newest cosignature at the audit, in milliseconds; null: there is none. */
  readonly ageMs: number | null
  /** Key that signed every release. */
  readonly node: Signer
  readonly policies: readonly PolicyReport[]
  /** Decisions and fragments were replayed; else the bundle carries no content. */
  readonly checkedContent: boolean
  readonly steps: readonly StepReport[]
  readonly findings: readonly Finding[]
}

/** Whose keys the audit went by, from the roster that the auditor brought. */
export interface TrustReport {
  readonly nations: readonly {
    readonly nation: Nation
    /** Root key, base64url. */
    readonly root: string
    readonly origin: string
    readonly logKey: string
  }[]
  readonly witnesses: readonly { readonly nation: Nation; readonly key: string }[]
  /** Number of the witness policy, and how many cosignatures it asks for. */
  readonly witnessPolicy: number
  readonly quorum: number
}

/** What one nation has shown about its dealings with one other. */
export interface EvidenceReport {
  readonly nation: Nation
  readonly about: Nation
  /** Of its own log, built again from its public bytes. */
  readonly size: number
  /** Statements and fragments it holds from the other, and its acknowledgements of them. */
  readonly statements: number
  readonly held: number
  readonly acknowledgements: number
}

/** What an audit has found. */
export interface AuditReport {
  readonly atMs: number
  /** Set when data is invented; every page says so. */
  readonly exercise: string | null
  readonly trust: TrustReport
  readonly nations: Readonly<Record<Nation, NationReport>>
  /** What nations without a bundle have shown about their dealings with one other. */
  readonly evidence: readonly EvidenceReport[]
  /** Logs that have ended, and those of further nodes of a nation, by origin. */
  readonly ended: Readonly<Record<string, NationReport>>
  readonly findings: readonly Finding[]
  /** What is no finding, but worth knowing: what was not checked, how old a log is. */
  readonly remarks: readonly string[]
  /** At least one bundle was checked, and nothing found. */
  readonly ok: boolean
}

/** What an exercise says of itself wherever it is shown. */
export const EXERCISE = 'EXERCISE: public facts, invented labels and policies'
