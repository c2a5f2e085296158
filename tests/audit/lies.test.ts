import { verifyBundles } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { beforeAll, expect, test } from 'vitest'
import { createBench } from './bench.ts'
import { bundleLies } from './bundle-lies.ts'
import { type Draft, type Line, pack } from './draft.ts'
import { type LiveBundles, liveBundles } from './live-bundles.ts'
import { signedLies } from './signed-lies.ts'

let live: LiveBundles
beforeAll(async () => {
  live = await liveBundles()
}, 120_000)
const bench = () => createBench(live)

const audit = (bundles: readonly ReadonlyMap<string, Uint8Array>[]) =>
  verifyBundles(
    bundles.map((files) => new Map(files)),
    {
      roster: live.roster,
      verify: verifyEd25519,
      atMs: Date.now(),
    },
  )
const auditOf = (...drafts: readonly Draft[]) => audit(drafts.map(pack))
const codes = ({ findings }: ReturnType<typeof audit>) => [
  ...new Set(findings.map(({ nation, code }) => `${nation} ${code}`)),
]

test('bundles of live nodes have nothing to find, and every decision is replayed', () => {
  const report = auditOf(...bench().drafts)
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  expect(Object.values(report.nations).map(({ checkedContent }) => checkedContent)).toEqual([
    true,
    true,
    true,
  ])
})

test('told again without a lie, the bundles are the same byte for byte', () => {
  const told = bench()
  told.signAgain()
  const texts = (drafts: readonly Draft[]) =>
    drafts.flatMap((draft) =>
      [...pack(draft)]
        .map(([path, bytes]) => `${draft.nation} ${path} ${Buffer.from(bytes).toString('latin1')}`)
        .sort(),
    )
  expect(texts(told.drafts)).toEqual(texts(live.drafts))
})

test.each([...bundleLies, ...signedLies])('finds %s: %s', (_, code, nation, tell) => {
  const told = bench()
  tell(told)
  const report = auditOf(...told.drafts)
  expect(codes(report), JSON.stringify(report.findings)).toEqual([`${nation} ${code}`])
  expect(report.ok).toBe(false)
})

test('a nation that signs its past again, alone, shows a fork of what its partners hold', () => {
  const told = bench()
  const payload = (said: Line) => ({ ...said, at: Number(said['at']) - 1 })
  told.signAgain({ nation: 'USA', index: 0, payload })
  const [gbr, nor] = bench().drafts
  expect(codes(auditOf(gbr, nor, told.usa))).toEqual(['USA CHECKPOINT_FORK'])
})

test('a bundle from before what the partners have seen is behind', () => {
  const [gbr, nor] = bench().drafts
  expect(codes(auditOf(gbr, nor, live.early))).toEqual(['USA LOG_BEHIND'])
})

test('a bundle changed after its manifest was made is found by its file', () => {
  const bundles = live.drafts.map(pack)
  bundles[2]?.set('inputs.jsonl', Buffer.from('{}\n'))
  expect(codes(audit(bundles))).toEqual(['USA MANIFEST_MISMATCH'])
})
