import { type Audits, renderText } from '@entente/audit'
import { Nation } from '@entente/schema'
import { z } from 'zod'
import { runAudit } from '../../../audit/run-audit.ts'
import { EXIT } from '../../../exit-codes.ts'
import type { Session } from '../../../session.ts'
import { count, formatTable } from '../../../text.ts'
import type { Outcome } from '../../../verb.ts'

/** Options of every question to bundles. */
export const queryOptions = [
  { flags: '--trust <roster>', purpose: 'roster you hold yourself; no key is taken from a bundle' },
  { flags: '--anyway', purpose: 'answer although the audit has findings' },
] as const

/** Arguments and options of every question to bundles. */
export const queryInput = {
  bundle: z.array(z.string()),
  trust: z.string({ error: 'name the roster you trust with --trust' }),
  anyway: z.boolean().default(false),
}

export const NationArgument = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(Nation)

const DAY_MS = 86_400_000

/** A day, UTC: its first instant, or with `last` its last. An instant may be given whole. */
export const instantOf = (side: 'first' | 'last') =>
  z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), 'is not a day such as 2026-10-01')
    .transform((text) => {
      const atMs = Date.parse(text)
      return side === 'last' && /^\d{4}-\d{2}-\d{2}$/.test(text) ? atMs + DAY_MS - 1 : atMs
    })

/** How the rows of an answer are shown. */
interface QueryTable<R> {
  readonly heads: readonly string[]
  readonly cells: (row: R) => readonly (string | number)[]
}

/**
 * Verifies the bundles, then answers. With findings nothing is answered unless that is asked for: an answer from evidence that
 * does not hold together proves nothing.
 */
export async function answerQuery<R>(
  session: Session,
  given: {
    readonly bundle: readonly string[]
    readonly trust: string
    readonly anyway: boolean
  },
  ask: (audits: Audits) => readonly R[],
  { heads, cells }: QueryTable<R>,
): Promise<Outcome> {
  const { report, audits } = await runAudit(session, given)
  const { findings, exercise, remarks } = report
  if (!report.ok && !given.anyway)
    return {
      json: { ok: false, findings, rows: null },
      text: `${renderText(report)}\nNothing is answered from bundles with findings; --anyway answers all the same.`,
      exit: EXIT.unverified,
    }
  const rows = ask(audits)
  const table = formatTable(
    heads,
    rows.map((row) => cells(row)),
    session.io,
  )
  const verdict = report.ok
    ? 'bundles verified, no findings'
    : `NOT VERIFIED: ${count(findings.length, 'finding')}`
  const unseen = remarks.filter((remark) => remark.includes('no bundle'))
  return {
    json: { ok: report.ok, findings, remarks, rows },
    text: [table, '', `${count(rows.length, 'row')}; ${verdict}`, ...unseen].join('\n'),
    exercise,
  }
}
