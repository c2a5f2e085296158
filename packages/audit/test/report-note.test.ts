import { sha256 } from '@entente/schema'
import { createVerifierKey, formatVerifierKey, KEY_TYPE, type Signer } from '@entente/tlog'
import { expect, test } from 'vitest'
import {
  findingMeanings,
  openReportNote,
  renderReport,
  reportJson,
  signReport,
  verifyBundles,
} from '../src/index.ts'
import { stepOf } from '../src/report/steps.ts'
import { whatToDo } from '../src/report/what-to-do.ts'
import { hashText } from './bundle-builder.ts'
import { platformVerify, testKey } from './keys.ts'
import { bundlesOf, tell } from './story.ts'

const told = tell()
const { roster, now } = told.federation
const trust = { roster, verify: platformVerify, atMs: now + 60_000 }
const report = verifyBundles(bundlesOf(told), trust)

const signerOf = (name: string): Signer => {
  const { publicKey, sign } = testKey(new Uint8Array(hashText(name)))
  return { key: createVerifierKey(name, KEY_TYPE.ed25519, publicKey), sign }
}
const auditor = signerOf('auditor.example')
const vkey = formatVerifierKey(auditor.key)
const page = renderReport(report, vkey)
const note = signReport(report, page, auditor, sha256)

test('a signed note names both forms of the report, every log and the verdict', () => {
  const opened = openReportNote(note, vkey, platformVerify)
  expect(opened).toEqual({
    at: '2026-10-01 00:01:32 UTC'.replace(/\d\d:\d\d:\d\d/, opened.at.slice(11, 19)),
    verdict: 'no findings',
    json: hashText(reportJson(report)).toString('hex'),
    html: hashText(page).toString('hex'),
    logs: ['USA', 'GBR', 'NOR'].map((nation) => {
      const { origin, size, root } = report.nations[nation] ?? {}
      return `${origin} ${size} ${root}`
    }),
    signer: 'auditor.example',
  })
})

test('a note under another key, or with any line changed, is refused', () => {
  const other = formatVerifierKey(signerOf('somebody.example').key)
  expect(() => openReportNote(note, other, platformVerify)).toThrow(
    expect.objectContaining({ code: 'NOTE_UNSIGNED' }),
  )
  const forged = note.replace('verdict no findings', 'verdict 1 finding')
  expect(() => openReportNote(forged, vkey, platformVerify)).toThrow(
    expect.objectContaining({ code: 'NOTE_SIGNATURE_INVALID' }),
  )
})

test('the same audit gives the same page and JSON, byte for byte', () => {
  const again = verifyBundles(bundlesOf(told), trust)
  expect(renderReport(again, vkey)).toBe(page)
  expect(reportJson(again)).toBe(reportJson(report))
})

test('the page says the verdict first, then per nation each step, and the keys it went by', () => {
  const places = ['Verdict: no findings', '<h2>USA</h2>', 'The trust used', vkey].map((text) =>
    page.indexOf(text),
  )
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(places[0]).toBeGreaterThan(0)
  expect(page.match(/nothing found/g)).toHaveLength(30)
  expect(page).toContain(told.usa.keys.root.base64url)
  expect(page).not.toMatch(/<script|<link|<img|https?:\/\//)
})

test('a step that was not taken is not said to have found nothing', () => {
  const [usa] = bundlesOf(told, {
    USA: ({ manifest, rows }) => {
      manifest['withContent'] = false
      delete rows['sources.jsonl']
      delete rows['record-keys.jsonl']
    },
  })
  const { nations } = verifyBundles(usa === undefined ? [] : [usa], trust)
  const notTaken = nations['USA']?.steps.map(({ notTaken: why }) => why)
  expect(notTaken).toEqual([
    ...Array(7).fill(null),
    'the bundle has no content',
    'the bundle has no content',
    'no bundle of another nation',
  ])
})

test('every finding has a step and something to do', () => {
  for (const code of Object.keys(findingMeanings) as (keyof typeof findingMeanings)[]) {
    expect(stepOf(code)).toBeGreaterThan(0)
    expect(whatToDo(code).length, code).toBeGreaterThan(40)
  }
  // Neither proves that a node was changed.
  expect(whatToDo('VOTE_UNSEALED')).toContain('before votes were sealed')
  expect(whatToDo('VOTE_PERSON')).toContain('the roster that you hold')
  expect([stepOf('CHECKPOINT_FORK'), stepOf('ENTRY_BUNDLE'), stepOf('ENTRY_DIGEST')]).toEqual([
    4, 3, 9,
  ])
})
