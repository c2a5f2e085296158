import { expect, test } from 'vitest'
import { parseHex, verifyEd25519 } from '../src/index.ts'
import { describeVectors, vectorJson } from './vectors.ts'

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly msg: string
      readonly sig: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

describeVectors('wycheproof Ed25519', 151, (ran) => {
  const { testGroups } = vectorJson<Wycheproof>('wycheproof/ed25519_test.json')
  const rows = testGroups.flatMap(({ publicKey: { pk }, tests }) =>
    tests.map((row) => ({ pk, ...row })),
  )

  test.each(rows)('$tcId $result $comment', ({ pk, msg, sig, result }) => {
    expect(verifyEd25519(parseHex(pk), parseHex(msg), parseHex(sig))).toBe(result === 'valid')
    ran()
  })
})
