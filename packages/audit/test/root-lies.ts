import { sealSuccession } from '@entente/schema'
import { row } from './bundle-builder.ts'
import { type TestKey, testKey } from './keys.ts'
import type { Lie } from './lie-tools.ts'
import type { Told } from './story.ts'

const [next, thief] = [91, 92].map((n) => testKey(new Uint8Array(32).fill(n))) as [TestKey, TestKey]

function show({ usa }: Told, to: TestKey, old = usa.keys.root): void {
  const word = { nation: 'USA', to: to.base64url, at: 1, reason: 'ten years old' }
  const from = usa.keys.root.base64url
  const signed = sealSuccession({ ...word, from }, old.sign, to.sign)
  row(usa, 'root-successions.jsonl', { nation: 'USA', ...signed })
}

/** Lies about which key is the root of a nation. What follows from them is in `roots.long.test.ts`. */
export const rootLies: readonly Lie[] = [
  [
    'a successor that the root has not named',
    'ROOT_SUCCESSION',
    'USA',
    { late: (told) => show(told, next, thief) },
  ],
  [
    'two successors of one root',
    'ROOT_TWICE',
    'USA',
    {
      late: (told) => {
        show(told, next)
        show(told, thief)
      },
    },
  ],
]
