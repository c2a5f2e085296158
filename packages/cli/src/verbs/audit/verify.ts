import { writeFileSync } from 'node:fs'
import { renderReport, renderText } from '@entente/audit'
import { z } from 'zod'
import { runAudit } from '../../audit/run-audit.ts'
import { EXIT } from '../../exit-codes.ts'
import { defineVerb } from '../../verb.ts'

export const auditVerifyVerb = defineVerb({
  name: 'audit verify',
  arguments: '<bundle...>',
  purpose: 'Check bundles from their files alone, and what they say of each other.',
  options: [
    {
      flags: '--trust <roster>',
      purpose: 'roster you hold yourself; no key is taken from a bundle',
    },
    {
      flags: '--since <checkpoint>',
      purpose: 'log/checkpoint of a bundle of an earlier audit: nothing of it may have changed',
      repeat: true,
    },
    { flags: '--html <file>', purpose: 'write the report as one page as well' },
  ],
  example: 'audit verify ./nor-bundle ./gbr-bundle --trust roster.json --html report.html',
  next: 'read each finding; a bundle with content and without findings has been replayed byte by byte.',
  input: z.strictObject({
    bundle: z.array(z.string()),
    trust: z.string({ error: 'name the roster you trust with --trust' }),
    since: z.array(z.string()).default([]),
    html: z.string().optional(),
  }),
  run: async (session, { html, ...request }) => {
    const { report } = await runAudit(session, request)
    if (html !== undefined) writeFileSync(html, renderReport(report))
    return {
      json: { ...report },
      text: renderText(report).trimEnd(),
      exit: report.ok ? EXIT.done : EXIT.unverified,
    }
  },
})
