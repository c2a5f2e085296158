import { writeFileSync } from 'node:fs'
import { type AuditReport, renderReport, reportJson, signReport } from '@entente/audit'
import { sha256 } from '@entente/schema'
import { formatVerifierKey } from '@entente/tlog'
import { readAuditorSigner } from './auditor-key.ts'

/** The files that go with a page, by its name without `.html`. */
export const besidePage = (page: string) => {
  const stem = page.replace(/\.html$/, '')
  return { html: `${stem}.html`, json: `${stem}.json`, note: `${stem}.note` }
}

/**
 * Writes a report as page and JSON; with a key, a signed note as well.
 * @returns what was written
 * @throws as `readAuditorSigner`
 */
export function writeReport(
  report: AuditReport,
  page: string,
  keyPath: string | undefined,
): readonly string[] {
  const paths = besidePage(page)
  const signer = keyPath === undefined ? null : readAuditorSigner(keyPath)
  const text = renderReport(report, signer === null ? undefined : formatVerifierKey(signer.key))
  writeFileSync(paths.html, text)
  writeFileSync(paths.json, reportJson(report))
  if (signer === null) return [paths.html, paths.json]
  writeFileSync(paths.note, signReport(report, text, signer, sha256))
  return [paths.html, paths.json, paths.note]
}
