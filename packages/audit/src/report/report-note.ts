import { canonicalJson, type Hash, toHex, utf8 } from '@entente/schema'
import {
  type Ed25519Verify,
  parseNote,
  parseVerifierKey,
  type Signer,
  signNote,
  verifyNote,
} from '@entente/tlog'
import type { AuditReport } from './audit-report.ts'
import { formatInstant } from './render-parts.ts'
import { verdictOf } from './render-text.ts'

const FORMAT = 'entente-audit-report/1'

/** What a report note says, once its signature is checked. */
export interface ReportNote {
  /** Of the audit, as text, UTC. */
  readonly at: string
  readonly verdict: string
  /** Hex SHA-256 of the report as JSON and as page. */
  readonly json: string
  readonly html: string
  /** Origin, size and base64 root of each log, as text. */
  readonly logs: readonly string[]
  /** Name of the key that signed. */
  readonly signer: string
}

/** The report as JSON, byte for byte as its hash stands in the note. */
export const reportJson = (report: AuditReport): string => `${canonicalJson(report)}\n`

/**
 * The auditor's word on a report: a C2SP signed note over the hashes of both its forms, the logs and the verdict.
 * @param page as `renderReport` gave it
 */
export function signReport(report: AuditReport, page: string, signer: Signer, hash: Hash): string {
  const hashOf = (text: string) => toHex(hash(utf8(text)))
  const lines = [
    FORMAT,
    `at ${formatInstant(report.atMs)}`,
    `verdict ${verdictOf(report)}`,
    `json ${hashOf(reportJson(report))}`,
    `html ${hashOf(page)}`,
    ...Object.values(report.nations).map(
      ({ origin, size, root }) => `log ${origin} ${size} ${root || '-'}`,
    ),
  ]
  return signNote(`${lines.join('\n')}\n`, [signer])
}

/**
 * Opens a report note under the auditor's key.
 * @throws {VerificationError} `NOTE_MALFORMED`, `NOTE_UNSIGNED`, `NOTE_SIGNATURE_INVALID`, `VKEY_MALFORMED`, `KEY_TYPE`
 * @throws {RangeError} a signed note that is no audit report
 */
export function openReportNote(text: string, vkey: string, verify: Ed25519Verify): ReportNote {
  const note = parseNote(text)
  const key = parseVerifierKey(vkey)
  verifyNote(note, [key], verify)
  const [format, ...lines] = note.text.trimEnd().split('\n')
  const valuesOf = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const one = (name: string): string => {
    const [value, ...more] = valuesOf(name)
    if (value === undefined || more.length > 0)
      throw new RangeError(`the note has not exactly one line "${name}"`)
    return value
  }
  if (format !== FORMAT) throw new RangeError(`the note is not of format ${FORMAT}`)
  return {
    at: one('at'),
    verdict: one('verdict'),
    json: one('json'),
    html: one('html'),
    logs: valuesOf('log'),
    signer: key.name,
  }
}
