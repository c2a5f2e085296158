import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { renderReport, renderText, verifyBundles } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { openRoster } from '@entente/schema'
import { z } from 'zod'
import { readBundle } from '../../bundle.ts'
import { EXIT } from '../../exit-codes.ts'
import { readJsonFile, readText } from '../../files.ts'
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
  run: ({ io, progress }, { bundle, trust, since, html }) => {
    const roster = openRoster(readJsonFile(trust), verifyEd25519)
    const report = verifyBundles(
      bundle.map(readBundle),
      { roster, verify: verifyEd25519, atMs: io.nowMs() },
      {
        since: since.map(readText),
        hash: (bytes) => new Uint8Array(hash('sha256', bytes, 'buffer')),
        onProgress: (nation, step) => progress({ stage: `${nation} ${step}`, done: 0 }),
      },
    )
    if (html !== undefined) writeFileSync(html, renderReport(report))
    return {
      json: { ...report },
      text: renderText(report).trimEnd(),
      exit: report.ok ? EXIT.done : EXIT.unverified,
    }
  },
})
