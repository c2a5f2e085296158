import { expect, test } from 'vitest'
import { verifyBundles } from '../src/index.ts'
import { EPOCH } from './bundle-builder.ts'
import { platformVerify } from './keys.ts'
import { bundlesOf, type Lies, tell } from './story.ts'

const day = 86_400_000

/** What the auditor says of the times in a story. */
function timesIn(told: Lies): string[] {
  const story = tell(told)
  const { findings } = verifyBundles(bundlesOf(story), {
    roster: story.federation.roster,
    verify: platformVerify,
    atMs: story.federation.now + 60_000,
  })
  return [...new Set(findings.map(({ nation, code }) => `${nation} ${code}`))]
}

test.each<[what: string, told: Lies]>([
  ['a release dated before its previous checkpoint', { again: { statement: { at: EPOCH - day } } }],
  ['a policy dated so', { policy: { at: EPOCH - day } }],
  ['a release dated after its own checkpoint', { again: { statement: { at: EPOCH + day } } }],
])('case 47: the auditor refuses %s', (_, told) => {
  expect(timesIn({})).toEqual([])
  expect(timesIn(told)).toContain('USA TIME_WINDOW')
})
