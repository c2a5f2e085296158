import { expect, test } from 'vitest'
import { formatVerifierKey, parseWitnessPolicy } from '../src/index.ts'
import { codeOf } from './errors.ts'
import { testWitness } from './keys.ts'
import { describeVectors, vectorJson } from './vectors.ts'

describeVectors('transparency-dev/formats policy', 16, (ran) => {
  const vector = vectorJson<{ accept: string[]; reject: { policy: string; error: string }[] }>(
    'policy/tlog-policy.json',
  )

  // The source takes log keys (0x01) for witnesses, a key twice, and a comment after a definition. The standard allows
  // none of these, so the texts are refused as they stand and accepted once only that is put right.
  test.each(vector.accept)('refuses as it stands: %j', (text) => {
    const code = text.includes('#comment\n  witness') ? 'POLICY_MALFORMED' : 'KEY_TYPE'
    expect(codeOf(() => parseWitnessPolicy(text))).toBe(code)
    ran()
  })

  test.each(vector.accept)('accepts, with a witness key each: %j', (text) => {
    const { witnesses, quorum } = parseWitnessPolicy(withWitnessKeys(text))
    expect(witnesses.size).toBe(text.match(/witness +w[0-9]/g)?.length)
    expect(quorum).toBe('g1')
    ran()
  })

  test.each(vector.reject)('refuses: $error', ({ policy }) => {
    expect(codeOf(() => parseWitnessPolicy(withWitnessKeys(policy)))).toBe('POLICY_MALFORMED')
    ran()
  })
})

function withWitnessKeys(text: string): string {
  let count = 0
  const nextKey = () => formatVerifierKey(testWitness(`witness-${count++}.example`).key)
  return text.replace(/\S+\+[0-9a-f]{8}\+\S+/g, nextKey).replace(/(?<=\S.*)\s+#comment$/gm, '')
}
