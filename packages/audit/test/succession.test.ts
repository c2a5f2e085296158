import { genesisSealType, handoverSealType, type Roster, signJws } from '@entente/schema'
import { createMemoryTree, formatBase64, leafHash } from '@entente/tlog'
import { expect, test } from 'vitest'
import { checkSuccession } from '../src/log/succession.ts'
import type { NationAudit } from '../src/nation-audit.ts'
import type { Trust } from '../src/trust.ts'
import { platformVerify, testKey } from './keys.ts'

// A log of five leaves, and the one that follows it: only what a succession reads of an audit is here.
const root = testKey(new Uint8Array(32).fill(1))
const first = 'usa.entente.example/release-log/1'
const second = 'usa.entente.example/release-log/2'
const member = {
  nation: 'USA',
  root: root.publicKey,
  node: { origin: second },
  nodes: [{ origin: first }, { origin: second }],
}
const trust = {
  roster: { members: new Map([['USA', member]]) } as unknown as Roster,
  verify: platformVerify,
} as unknown as Trust
const tree = createMemoryTree()
const roots = [0, 1, 2, 3, 4, 5].map((size) => {
  if (size > 0) tree.append([leafHash(Uint8Array.of(size))])
  return tree.root()
})
const last = { index: 4, kind: 'pad', statement: {} }

function audits(previous: object | null, shown = 5, published = shown, end: object = last) {
  const seal = signJws(
    genesisSealType,
    { nation: 'USA', origin: second, logKey: 'key', previous },
    root.sign,
  )
  const log = (origin: string, leaf: object, index: number, size: number) =>
    ({
      nation: 'USA',
      trusted: { member, log: { origin } },
      leaves: { byIndex: new Map([[index, leaf]]) },
      history: { size, rootAt: (at: number) => roots[at], published: [{ size: published }] },
    }) as unknown as NationAudit
  return new Map([
    [first, log(first, end, 4, shown)],
    [second, log(second, { index: 0, kind: 'genesis', statement: { seal } }, 0, 1)],
  ])
}
const previous = (change: object = {}) => ({
  origin: first,
  size: 5,
  root: formatBase64(roots[5] ?? new Uint8Array()),
  lost: [],
  ...change,
})
const handsOverTo = (next: string, index = 4) => ({
  index,
  kind: 'handover',
  statement: { next, seal: signJws(handoverSealType, {}, root.sign) },
})

test.each<[fact: string, given: ReturnType<typeof audits>, found: boolean]>([
  ['all of it is shown', audits(previous()), false],
  ['two leaves are lost and declared so', audits(previous({ lost: [[3, 4]] }), 3), false],
  ['it was handed over', audits(previous(), 5, 5, handsOverTo(second)), false],
  ['two leaves are not shown and not declared', audits(previous(), 3), true],
  ['one of two is declared', audits(previous({ lost: [[4, 4]] }), 3), true],
  ['more had been published', audits(previous({ size: 3 })), true],
  ['its entries give another root', audits(previous({ size: 4 }), 5, 4), true],
  ['it follows another log', audits(previous({ origin: second })), true],
  ['it follows none', audits(null), true],
  ['it was handed over to another', audits(previous(), 5, 5, handsOverTo(first)), true],
  ['it went on after it was handed over', audits(previous(), 5, 5, handsOverTo(second, 3)), true],
])('a log that ended is judged when %s', (_, given, found) => {
  const codes: string[] = []
  const ends = checkSuccession(given, trust, () => (code) => void codes.push(code))
  expect(codes).toEqual(found ? ['GENESIS_PREVIOUS'] : [])
  if (!found) expect(ends.get(first)).toMatchObject({ next: second, size: 5 })
})
