import { type AuditOptions, auditBundles, auditBundlesWith, type Work } from '@entente/audit'
import { expect, test } from 'vitest'
import { append } from '../../audit/test/bundle-builder.ts'
import { otherKey } from '../../audit/test/lie-tools.ts'
import { bundlesOf, tell } from '../../audit/test/story.ts'
import { createThreads } from '../src/audit/threads.ts'
import { tools } from '../src/audit/tools.ts'

/** Leaves enough for several threads to be busy, some of which lie. */
const told = tell({
  again: { values: { demand: { quantity: '7', unit: 'each', period: 'year' } } },
  late: ({ federation, usa, gbr }) => {
    const impostor = { ...usa, keys: { ...usa.keys, node: otherKey } }
    for (let i = 0; i < 2_200; i++) {
      // Many in one second, as a busy node makes them.
      federation.now -= 1_000
      append(federation, i % 500 === 7 ? impostor : usa, i % 700 === 9 ? 'gossip' : 'pad', {
        ...(i % 900 === 11 && { origin: gbr.origin }),
      })
    }
  },
})
const bundles = bundlesOf(told, {
  USA: ({ rows }) => {
    const lines = rows['openings.jsonl'] ?? []
    // Out of order, one left out, one twice, one with another salt.
    const [a, b] = [lines[20], lines[1_900]]
    lines.splice(1_500, 1)
    if (a && b) lines.push(a, { ...b, index: 9_999 })
    Object.assign(lines[1_000] ?? {}, { salt: '00'.repeat(32) })
    lines.reverse()
  },
})
const trust = {
  roster: told.federation.roster,
  verify: tools.verify,
  atMs: told.federation.now + 60_000,
}
const options: AuditOptions = { hash: tools.hash }
const { report } = auditBundles(bundles, trust, options)

test('the lies of the large log are found, leaf by leaf', () => {
  const codes = new Set(report.findings.map(({ code }) => code))
  for (const code of ['STATEMENT_SIGNATURE', 'LEAF_KIND', 'LEAF_OPENING', 'LEAF_UNOPENED'] as const)
    expect(codes).toContain(code)
  const leaves = report.findings.filter(({ code }) => /^(LEAF|STATEMENT)/.test(code))
  const indices = leaves.map(({ index }) => index ?? -1)
  expect(indices).toEqual([...indices].sort((a, b) => a - b))
})

test.each([0, 1, 2])(
  '%i threads find the same, in the same order',
  async (count) => {
    await using threads = createThreads(count)
    const shared = await auditBundlesWith(threads.workforce, bundles, trust, options)
    expect(shared.report).toEqual(report)
    // Each thread reads the program anew.
  },
  240_000,
)

test('progress counts every leaf', () => {
  let last: readonly (number | undefined)[] = []
  const { USA } = report.nations
  auditBundles(bundles, trust, {
    ...options,
    onProgress: (nation, step, done, total) => {
      if (nation === 'USA' && step === 'leaves') last = [done, total]
    },
  })
  expect(last[1]).toBe(USA?.size)
  expect(last[0]).toBeGreaterThan(2_190)
})

test('a thread that ends leaves no audit waiting for ever', async () => {
  await using threads = createThreads(1)
  const work: Work = {
    tasks: Array.from({ length: 10 }, () => ({ kind: 'leaves', rows: null as never })),
    take: () => {},
  }
  await expect(threads.workforce(work)).rejects.toThrow()
}, 240_000)
