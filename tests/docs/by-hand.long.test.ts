import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peekJws } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing } from '../support/scenario.ts'
import { fencesOf, missingLines } from './markdown.ts'

const blocks = fencesOf('docs/audit-by-hand.md')
const script = blocks.flatMap(({ language, text }) => (language === 'sh' ? [text] : [])).join('\n')
const shown = blocks.flatMap(({ language, text }) => (language === 'text' ? [text] : [])).join('\n')

const base = mkdtempSync(join(tmpdir(), 'by-hand-'))
const sound = join(base, 'sound')
let roster: Record<string, unknown>

beforeAll(async () => {
  await using federation = createFederation(['AUS', 'GBR', 'NOR', 'USA'])
  const [gbr, usa] = await openServing(federation, ['GBR', 'USA', 'AUS', 'NOR'])
  if (gbr === undefined || usa === undefined) throw new Error('not open')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  await gbr.recordAdd(capability({ title: 'Beacon' }))
  await eventually('the USA has it', async () => (await usa.search({ text: 'beacon' }))[0])
  await inSync(gbr, 'USA')
  await gbr.auditExport({ directory: sound, withContent: false })
  roster = federation.roster as never
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

let count = 0
/** Does what the page says with the bundle, or with one that was changed first. */
function follow(change: (bundle: string, roster: string) => void = () => {}) {
  const bundle = join(base, `bundle-${++count}`)
  const rosterPath = `${bundle}.roster.json`
  cpSync(sound, bundle, { recursive: true })
  writeFileSync(rosterPath, JSON.stringify(roster))
  change(bundle, rosterPath)
  const env = { ...process.env, B: bundle, R: rosterPath, TMPDIR: base }
  return spawnSync('bash', ['-c', script], { env, encoding: 'utf8' })
}

/** Changes the first match of a pattern in a file. */
const swap = (path: string, pattern: RegExp, by: string | ((text: string) => string)) => {
  const before = readFileSync(path, 'utf8')
  const after = before.replace(pattern, by as string)
  expect(after).not.toBe(before)
  writeFileSync(path, after)
}
/** Another character of the alphabet of base64 and hex. */
const other = (text: string) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')
const otherHex = (text: string) => text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a')

test('a sound release passes every step, as the page shows it', () => {
  const { status, stdout, stderr } = follow()
  expect(status, stderr).toBe(0)
  expect(missingLines(shown, stdout), stdout).toEqual([])
  expect(stdout.match(/^ok: /gm)).toHaveLength(8)
})

describe('what is not sound stops at its step', () => {
  const lineOf = (bundle: string, kind: string) =>
    readFileSync(join(bundle, 'openings.jsonl'), 'utf8')
      .split('\n')
      .find((line) => line !== '' && kindOf(line) === kind) ?? ''
  const kindOf = (line: string) =>
    peekJws((JSON.parse(line) as { jws: string }).jws).typ.replace('entente-', '')
  test.each<[string, (bundle: string, roster: string) => void, RegExp]>([
    [
      'a certificate that the root did not sign',
      (_, path) => swap(path, /"GBR","organisation":"[^"]+","root":"[^"]{10}/, other),
      /certificate is not signed/,
    ],
    [
      'a checkpoint of another size',
      (bundle) => swap(join(bundle, 'log/checkpoint'), /\n80\n/, '\n79\n'),
      /log did not sign/,
    ],
    [
      'a signature of the log',
      (bundle) => swap(join(bundle, 'log/checkpoint'), /release-log\/1 .{20}/, other),
      /log did not sign/,
    ],
    [
      'a signature of a witness',
      (bundle) =>
        swap(join(bundle, 'log/checkpoint'), /\.entente\.example\/witness\/1 .{40}/, other),
      /\.entente\.example\/witness\/1 did not sign/,
    ],
    [
      'too few witnesses',
      // Which two of three came first is a matter of chance, and whether the third did.
      (bundle) =>
        swap(
          join(bundle, 'log/checkpoint'),
          /(— \S+\/witness\/1 .*\n)(— \S+\/witness\/1 .*\n)+/,
          '$1',
        ),
      /only 1 witnesses/,
    ],
    [
      'an entry',
      (bundle) => {
        const path = join(bundle, 'log/tile/entries/000.p/80')
        const bytes = readFileSync(path)
        bytes[50] = (bytes[50] ?? 0) ^ 1
        writeFileSync(path, bytes)
      },
      /do not give the root/,
    ],
    [
      'a missing entry',
      (bundle) => {
        const path = join(bundle, 'log/tile/entries/000.p/80')
        writeFileSync(path, readFileSync(path).subarray(35))
      },
      /has not all entries/,
    ],
    [
      'a salt',
      (bundle) => {
        const line = lineOf(bundle, 'release')
        swap(
          join(bundle, 'openings.jsonl'),
          new RegExp(line),
          line.replace(/"salt":"\w+/, otherHex),
        )
      },
      /does not open the entry of leaf \d+/,
    ],
    [
      'a statement of another leaf',
      (bundle) => {
        const [a, b] = [lineOf(bundle, 'policy'), lineOf(bundle, 'release')]
        const jws = /"jws":"[^"]+"/
        swap(join(bundle, 'openings.jsonl'), new RegExp(b), b.replace(jws, jws.exec(a)?.[0] ?? ''))
      },
      /does not open the entry/,
    ],
    [
      'an opening',
      (bundle) => swap(join(bundle, 'entries.jsonl'), /"title"/, '"price"'),
      /openings are not those/,
    ],
    [
      'one opening more',
      (bundle) =>
        swap(
          join(bundle, 'entries.jsonl'),
          /^.*\n/,
          (line) => line + line.replace('title', 'price'),
        ),
      /openings are not those/,
    ],
    [
      'a word of the policy',
      (bundle) => swap(join(bundle, 'policies.jsonl'), /AUKUS/, 'AUKUZ'),
      /lacks the policy/,
    ],
    [
      'an input of the decision',
      (bundle) => swap(join(bundle, 'inputs.jsonl'), /"at":\d+/, '"at":1'),
      /inputs are not those/,
    ],
  ])('%s', (_, change, words) => {
    const { status, stdout, stderr } = follow(change)
    expect(status, stdout).toBe(1)
    expect(stderr).toMatch(words)
    expect(stderr).toMatch(/^NOT SOUND: .*\n$/m)
  })
})
