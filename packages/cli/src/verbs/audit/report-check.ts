import { existsSync, readFileSync } from 'node:fs'
import { openReportNote } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { sha256, toHex } from '@entente/schema'
import { z } from 'zod'
import { besidePage } from '../../audit/write-report.ts'
import { CliError } from '../../cli-error.ts'
import { EXIT } from '../../exit-codes.ts'
import { readText } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const auditReportCheckVerb = defineVerb({
  name: 'audit report check',
  arguments: '<note>',
  purpose: 'Check a report’s signature, and that the page and JSON beside it are the ones signed.',
  options: [
    { flags: '--key <vkey>', purpose: 'verifier key of the auditor, as given by the auditor' },
  ],
  example: 'audit report check report.note --key auditor.example/2026+530d903a+Ae…',
  where: 'with the vkey that audit key printed',
  next: 'read the page; it is what the auditor signed.',
  input: z.strictObject({
    note: z.string().regex(/\.note$/, 'must end in .note'),
    key: z.string({ error: 'give the auditor’s verifier key with --key' }),
  }),
  run: (_, { note: path, key }) => {
    const note = open(readText(path), key, path)
    const { html, json } = besidePage(path.replace(/\.note$/, '.html'))
    const files = [
      { file: html, wanted: note.html },
      { file: json, wanted: note.json },
    ].map(({ file, wanted }) => ({
      file,
      state: !existsSync(file)
        ? ('absent' as const)
        : toHex(sha256(readFileSync(file))) === wanted
          ? ('as signed' as const)
          : ('CHANGED' as const),
    }))
    // A signature over files of which none is there says nothing of what somebody reads.
    const ok =
      files.some(({ state }) => state === 'as signed') &&
      files.every(({ state }) => state !== 'CHANGED')
    return {
      json: { ok, ...note, files },
      text: [
        `signed by ${note.signer}, ${note.at}`,
        `verdict: ${note.verdict}`,
        ...note.logs.map((log) => `log: ${log}`),
        ...files.map(({ file, state }) => `${file}: ${state}`),
      ].join('\n'),
      exit: ok ? EXIT.done : EXIT.unverified,
    }
  },
})

function open(text: string, key: string, path: string) {
  try {
    return openReportNote(text, key, verifyEd25519)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CliError('FILE_FORM', `${path}: ${error.message}`)
  }
}
