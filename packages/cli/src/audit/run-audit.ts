import { hash } from 'node:crypto'
import { type Audited, auditBundles } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { openRoster } from '@entente/schema'
import { readJsonFile, readText } from '../files.ts'
import type { Session } from '../session.ts'
import { readBundle } from './read-bundle.ts'

/** What an auditor names on the command line. */
export interface AuditRequest {
  readonly bundle: readonly string[]
  /** Roster file: the only source of keys. */
  readonly trust: string
  /** Checkpoints of earlier audits, as files. */
  readonly since?: readonly string[]
}

/** Audits bundles on disk with the platform's cryptography. */
export async function runAudit(
  { io, progress }: Pick<Session, 'io' | 'progress'>,
  { bundle, trust, since = [] }: AuditRequest,
): Promise<Audited> {
  const roster = openRoster(readJsonFile(trust), verifyEd25519)
  return auditBundles(
    bundle.map(readBundle),
    { roster, verify: verifyEd25519, atMs: io.nowMs() },
    {
      since: since.map(readText),
      hash: (bytes) => new Uint8Array(hash('sha256', bytes, 'buffer')),
      onProgress: (nation, step) => progress({ stage: `${nation} ${step}`, done: 0 }),
    },
  )
}
