import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { auditBundles, type FindingCode } from '../src/index.ts'
import { stepOf } from '../src/report/steps.ts'
import { checkpointNote } from './bundle-builder.ts'
import { decisionLies } from './decision-lies.ts'
import { joinLies } from './join-lies.ts'
import { platformVerify } from './keys.ts'
import { type Lie, otherKey } from './lie-tools.ts'
import { logLies } from './log-lies.ts'
import { bundlesOf, type Lies, tell } from './story.ts'

const lies: readonly Lie[] = [...logLies, ...decisionLies, ...joinLies]
const lieNamed = (name: string): Lies => {
  const lie = lies.find(([said]) => said === name)
  if (lie === undefined) throw new RangeError(`no lie is called ${name}`)
  return lie[3]
}

function codesOf(told: Lies): readonly string[] {
  const story = tell(told)
  const { roster, now } = story.federation
  const trust = { roster, verify: platformVerify, atMs: now + 60_000 }
  const { findings } = auditBundles(bundlesOf(story, told.bundles), trust).report
  return [...new Set(findings.map(({ nation, code }) => `${nation} ${code}`))]
}

test.each<[operator: string, lie: string, code: FindingCode]>([
  ['withholds one opening', 'one opening withheld', 'LEAF_UNOPENED'],
  ['swaps two openings', 'two openings swapped', 'LEAF_OPENING'],
  ['gives another salt', 'another salt', 'LEAF_OPENING'],
  ['edits a decision input', 'a decision input edited', 'INPUTS_COMMITMENT'],
  ['ships another engine', 'another engine', 'ENGINE_UNKNOWN'],
  ['back-dates a policy', 'a policy dated back', 'TIME_WINDOW'],
  [
    'omits the answer to a request that stands in the asker’s log',
    'a request that the asker logged, and nobody answered in time',
    'REQUEST_UNANSWERED',
  ],
])('case 37: an operator %s, and that is found: %s', (_, lie, code) => {
  expect(codesOf(lieNamed(lie))).toEqual([`USA ${code}`])
})

test('case 37: two openings swapped and another salt are told apart by their leaves', () => {
  const leavesOf = (told: Lies) => {
    const story = tell(told)
    const { roster, now } = story.federation
    const trust = { roster, verify: platformVerify, atMs: now + 60_000 }
    const { findings } = auditBundles(bundlesOf(story, told.bundles), trust).report
    return findings.filter(({ code }) => code === 'LEAF_OPENING').map(({ index }) => index)
  }
  expect(leavesOf(lieNamed('two openings swapped'))).toEqual([2, 3])
  expect(leavesOf(lieNamed('another salt'))).toEqual([6])
})

test.each([
  'a field put that the policy withholds',
  'an exact rate put where the policy gives a band',
  'a fragment with a field more than its entry names',
])('case 30: over-release, %s: the recipient admits it, step 9 of the audit finds it', (lie) => {
  expect(codesOf(lieNamed(lie))).toEqual(['USA OVER_RELEASE'])
  expect(stepOf('OVER_RELEASE')).toBe(9)
})

test('case 38: a bundle that brings its own keys and roster is judged by the auditor’s alone', () => {
  const keys = (draft: { readonly files: Map<string, Uint8Array> }) => {
    draft.files.set('roster.json', Buffer.from('{"nations":[]}'))
    draft.files.set('keys.json', Buffer.from(JSON.stringify({ USA: otherKey.base64url })))
    draft.files.set('log/log-key', Buffer.from(otherKey.base64url))
  }
  expect(codesOf({ bundles: { USA: keys } })).toEqual([])
  const signedByThem: Lies = {
    end: ({ federation, usa }) => {
      const impostor = { ...usa, logSigner: { key: usa.logSigner.key, sign: otherKey.sign } }
      usa.note = checkpointNote(federation, impostor, 9, ['GBR', 'NOR'])
      Object.assign(usa.rows['checkpoints.jsonl']?.at(-1) ?? {}, { note: usa.note })
    },
    bundles: { USA: keys },
  }
  expect(codesOf(signedByThem)).toEqual(['USA CHECKPOINT_SIGNATURE'])
})

test('case 39: replay under another locale and time zone gives the same bytes', () => {
  const script = fileURLToPath(new URL('replay-process.ts', import.meta.url))
  const replay = (TZ: string, LC_ALL: string) =>
    JSON.parse(
      execFileSync(process.execPath, [script], {
        env: { ...process.env, TZ, LC_ALL, LANG: LC_ALL },
        encoding: 'utf8',
      }),
    )
  const { locale, timeZone, ...here } = replay('UTC', 'en_US.UTF-8')
  const {
    locale: other,
    timeZone: otherZone,
    ...there
  } = replay('Pacific/Kiritimati', 'tr_TR.UTF-8')
  expect([otherZone, timeZone]).toEqual(['Pacific/Kiritimati', 'UTC'])
  expect(other).not.toBe(locale)
  expect(here).toMatchObject({ ok: true, replayed: true })
  expect(there).toEqual(here)
})
