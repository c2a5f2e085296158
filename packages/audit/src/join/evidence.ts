import type { Nation } from '@entente/schema'
import { type BundleFiles, checkManifest, type EvidenceManifest } from '../bundle/manifest.ts'
import { readBundle } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import type { OpenNote } from '../log/checkpoints.ts'
import { type LogHistory, openHistory } from '../log/history.ts'
import type { NationAudit } from '../nation-audit.ts'
import { openAcks } from '../statements/acknowledgements.ts'
import type { Trust, TrustedLog } from '../trust.ts'

/** What of a nation's files a join reads: all of its bundle, or what it has shown of one partner. */
export type Holder = Pick<NationAudit, 'nation' | 'bundle' | 'acks'>

/** What one nation has shown about its dealings with one other, and nobody else. */
export interface Evidence extends Holder {
  readonly about: Nation
  readonly trusted: TrustedLog
  /** Its log, by its public bytes; no leaf of it is open. */
  readonly history: LogHistory
}

/** Steps 1 to 4 for evidence about a pair, and its acknowledgements. @returns null when it cannot be gone on with */
export function openEvidence(
  { about, ...manifest }: EvidenceManifest,
  files: BundleFiles,
  trusted: TrustedLog,
  trust: Trust,
  openNote: OpenNote,
  add: AddFinding,
): Evidence | null {
  let count = 0
  const found: AddFinding = (code, message, index) => {
    count++
    add(code, `evidence about ${about}: ${message}`, index)
  }
  if (!trust.logs.has(about)) found('BUNDLE_NATION', `there are no keys of ${about}`)
  if (manifest.origin !== trusted.log.origin)
    found('BUNDLE_ORIGIN', `it is of ${manifest.origin}, certified is ${trusted.log.origin}`)
  checkManifest(manifest, files, trust.hash, found)
  if (count > 0) return null
  const whole = { ...manifest, format: 'entente-bundle/1', withContent: false } as const
  const bundle = readBundle(whole, files, found)
  for (const { from } of [...bundle.received, ...bundle.held])
    if (from !== about) {
      found('BUNDLE_FORM', `it shows what ${from} sent, which is no business of this pair`)
      break
    }
  if (count > 0) return null
  const history = openHistory(bundle, trusted, trust, openNote, found)
  if (history === null) return null
  return {
    nation: manifest.nation,
    about,
    trusted,
    bundle,
    history,
    acks: openAcks(bundle, closed, trust, found),
  }
}

/** No leaf of the log is open here, so nothing is missing in it. */
const closed = {
  byIndex: new Map(),
  saltOf: () => new Uint8Array(32),
  byDigest: new Map(),
  erased: new Map(),
  unread: 1,
}
