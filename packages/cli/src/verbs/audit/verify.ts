import { renderText } from '@entente/audit'
import { z } from 'zod'
import { runAudit } from '../../audit/run-audit.ts'
import { writeReport } from '../../audit/write-report.ts'
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
      flags: '--revocations <file>',
      purpose: 'revocations heard beside that roster: revocations.json of a node',
    },
    {
      flags: '--since <checkpoint>',
      purpose: 'log/checkpoint of a bundle of an earlier audit: nothing of it may have changed',
      repeat: true,
    },
    { flags: '--threads <n>', purpose: 'threads that share the work (else one a core)' },
    {
      flags: '--report <page>',
      purpose: 'write the report as one printable page, and as JSON beside it',
    },
    {
      flags: '--sign <key>',
      purpose: 'auditor’s key (audit key): a signed note goes with page and JSON',
    },
  ],
  example:
    'audit verify ./nor-bundle ./gbr-bundle --trust roster.json --report report.html --sign auditor.pem',
  next: 'read each finding; a bundle with content and without findings has been replayed byte by byte.',
  input: z
    .strictObject({
      bundle: z.array(z.string()),
      trust: z.string({ error: 'name the roster you trust with --trust' }),
      revocations: z.string().optional(),
      since: z.array(z.string()).default([]),
      threads: z.coerce.number().int().min(1).max(64).optional(),
      report: z
        .string()
        .regex(/\.html$/, 'must end in .html')
        .optional(),
      sign: z.string().optional(),
    })
    .refine(({ report, sign }) => sign === undefined || report !== undefined, {
      path: ['sign'],
      message: 'needs --report: what is signed is the report',
    }),
  run: async (session, { report: page, sign, ...request }) => {
    const { report } = await runAudit(session, request)
    const written = page === undefined ? [] : writeReport(report, page, sign)
    return {
      json: { ...report, ...(written.length > 0 && { written }) },
      text: [renderText(report).trimEnd(), ...written.map((file) => `written: ${file}`)].join('\n'),
      exit: report.ok ? EXIT.done : EXIT.unverified,
    }
  },
})
