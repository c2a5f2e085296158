import { availableParallelism } from 'node:os'
import { type Audited, auditBundlesWith } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { openRoster, withRevocations } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../cli-error.ts'
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
  /** Revocations that were heard beside that roster, as `revocations.json` of a node; each is checked with the roots of the roster. */
  readonly revocations?: string | undefined
  /** Checkpoints of earlier audits, as files. */
  readonly since?: readonly string[]
  /** How many threads share the work; all cores unless told. */
  readonly threads?: number | undefined
}

/** Audits bundles on disk with the platform's cryptography, on several cores. */
export async function runAudit(
  { io, progress }: Pick<Session, 'io' | 'progress'>,
  { bundle, trust, revocations, since = [], threads = availableParallelism() }: AuditRequest,
): Promise<Audited> {
  const given = openRoster(readJsonFile(trust), verifyEd25519)
  const heard = revocations === undefined ? [] : sealsIn(revocations)
  const roster = withRevocations(given, heard, verifyEd25519)
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

/** @throws {CliError} `FILE_FORM` */
function sealsIn(path: string): readonly string[] {
  const parsed = z.array(z.string()).safeParse(readJsonFile(path))
  if (parsed.success) return parsed.data
  throw new CliError('FILE_FORM', `${path} is no list of revocations, such as revocations.json`)
}
