import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { type Audited, type AuditReport, auditBundles } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { openRoster } from '@entente/schema'
import type { Federation } from './federation.ts'

/** The joint audit of bundles that nodes of a federation have exported. */
export const auditOf = (
  federation: Federation,
  directories: readonly string[],
  atMs?: number,
): AuditReport => auditedOf(federation, directories, atMs).report

/** The same, with what was opened on the way. */
export function auditedOf(
  federation: Federation,
  directories: readonly string[],
  atMs: number = Date.now(),
): Audited {
  return auditBundles(directories.map(readBundle), {
    roster: openRoster(federation.roster, verifyEd25519),
    verify: verifyEd25519,
    atMs,
  })
}

/** The files of a bundle, by their paths in it. */
export function readBundle(directory: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    files.set(relative(directory, file).split(sep).join('/'), readFileSync(file))
  }
  return files
}
