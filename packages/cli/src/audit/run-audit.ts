import { availableParallelism } from 'node:os'
import { type Audited, auditBundlesWith } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { openRoster } from '@entente/schema'
import { readJsonFile, readText } from '../files.ts'
import type { Session } from '../session.ts'
import { folderFiles } from './folder-files.ts'
import { createThreads } from './threads.ts'
import { tools } from './tools.ts'

/** What an auditor names on the command line. */
export interface AuditRequest {
  readonly bundle: readonly string[]
  /** Roster file: the only source of keys. */
  readonly trust: string
  /** Checkpoints of earlier audits, as files. */
  readonly since?: readonly string[]
  /** How many threads share the work; all cores unless told. */
  readonly threads?: number | undefined
}

/** Audits bundles on disk with the platform's cryptography, on several cores. */
export async function runAudit(
  { io, progress }: Pick<Session, 'io' | 'progress'>,
  { bundle, trust, since = [], threads = availableParallelism() }: AuditRequest,
): Promise<Audited> {
  const roster = openRoster(readJsonFile(trust), verifyEd25519)
  await using shared = createThreads(threads > 1 ? threads : 0)
  return await auditBundlesWith(
    shared.workforce,
    bundle.map(folderFiles),
    { roster, verify: tools.verify, atMs: io.nowMs() },
    {
      since: since.map(readText),
      hash: tools.hash,
      onProgress: (nation, step, done = 0, total) =>
        progress({ stage: `${nation} ${step}`, done, ...(total !== undefined && { total }) }),
    },
  )
}
