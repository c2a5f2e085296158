import { type Nation, type NationRecall, recallsThatMustBeNamed } from '@entente/schema'
import { expect, test } from 'vitest'
import { takingBack } from '../src/statements/nation-recalls.ts'

test('of more recalls than a put can name those are asked for that its sender had to name', () => {
  const word = (n: number, origin: string | null, isRevoked = false): NationRecall => ({
    ...{ recall: {} as never, digest: String(n).padStart(43, '0'), seal: '', origin, isRevoked },
  })
  const all = [
    ...Array.from({ length: 9 }, (_, i) => word(i, 'usa.example/log/1')),
    word(20, null),
    word(21, 'usa.example/log/2', true),
  ]
  const counted = all.filter(({ isRevoked }) => !isRevoked)
  const recalls = recallsThatMustBeNamed(
    counted.map(({ digest, origin }) => ({ digest, isByRoot: origin === null })),
  )
  expect(recalls).toHaveLength(8)
  const root = word(20, null).digest
  expect(recalls.at(-1)).toBe(root)
  const open = (named: readonly string[]) =>
    takingBack({ all, of: () => all }, { nation: 'USA' as Nation, consents: new Map() }, {
      record: 'urn:entente:0',
      recalls: named,
    } as never)
      .filter(({ isRevoked }) => !isRevoked)
      .map(({ digest }) => digest)
  expect(open(recalls)).toEqual([])
  expect(open(recalls.slice(0, -1))).toEqual([root])
})
