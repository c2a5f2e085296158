import type { Hash, Member, Nation, NodeCertificate, Roster, Sign, Verify } from '@entente/schema'
import type { Log, Signer, VerifierKey } from '@entente/tlog'
import type { Database } from './adapters/sqlite-database.ts'
import type { Clock } from './ports/clock.ts'
import type { Journal } from './ports/journal.ts'
import type { OnStep } from './steps.ts'

/** Another nation's node, as the roster certifies it. */
export interface Partner {
  readonly nation: Nation
  readonly member: Member
  readonly certificate: NodeCertificate
  readonly log: Log
  readonly witness: VerifierKey
}

/** Another node of our own nation. */
export interface Sibling {
  readonly peerId: string
  readonly endpoints: readonly string[]
  readonly name: string
  /** Its statement key. */
  readonly key: string
  readonly drafts: boolean
}

/** What every part of a running node may use; made once, in the composition root. */
export interface Deps {
  readonly db: Database
  readonly clock: Clock
  readonly journal: Journal
  readonly randomBytes: (size: number) => Uint8Array
  readonly hash: Hash
  readonly verify: Verify
  readonly nation: Nation
  readonly origin: string
  readonly roster: Roster
  readonly partners: ReadonlyMap<Nation, Partner>
  /** Further nodes of other nations; `partners` has the main one of each. */
  readonly further: readonly Partner[]
  /** Our nation's other nodes. */
  readonly siblings: readonly Sibling[]
  readonly self: Partner
  /** Whether this is the node that receives and acknowledges for its nation; another one admits from it what it admitted. */
  readonly isReceiver: boolean
  /** Whether this node releases a dataset now. */
  readonly releases: (dataset: string) => boolean
  readonly signStatement: Sign
  readonly logSigner: Signer
  readonly cosigner: Signer
  readonly fragmentKey: Uint8Array
  readonly onStep: OnStep
}
