import { expect, test } from 'vitest'
import { verifyBundles } from '../src/index.ts'
import { forSomebodyElse, handedOnHonestly } from './handed-on-lies.ts'
import { platformVerify } from './keys.ts'
import { bundlesOf, type Lies, tell } from './story.ts'

function codesOf(lies: Lies): readonly string[] {
  const told = tell(lies)
  const { roster, now } = told.federation
  const { findings } = verifyBundles(bundlesOf(told, lies.bundles), {
    roster,
    verify: platformVerify,
    atMs: now + 60_000,
  })
  return [...new Set(findings.map(({ nation, code }) => `${nation} ${code}`))]
}

test('finds both at fault where it went by a consent for somebody else', () => {
  expect(codesOf({ late: forSomebodyElse })).toEqual([
    'USA CONSENT_MISSING',
    'NOR HELD_WITHOUT_CONSENT',
  ])
})

test.each(handedOnHonestly)('finds nothing where it was %s', (_, late) => {
  expect(codesOf({ late })).toEqual([])
})
