import { compilePolicy, composeFragment, createDecider, PolicyDocument } from '@entente/policy'
import { expect, test } from 'vitest'
import { verifyBundles } from '../src/index.ts'
import { platformVerify } from './keys.ts'
import { asq, bundlesOf, recordKey, tell, toGbrFirst, toGbrSecond, toNor } from './story.ts'
import { secondFragment } from './second-fragment.ts'

const trustOf = (told: ReturnType<typeof tell>) => ({
  roster: told.federation.roster,
  verify: platformVerify,
  atMs: told.federation.now + 60_000,
})

test('finds nothing in three true bundles, and counts what went where', () => {
  const told = tell()
  const report = verifyBundles(bundlesOf(told), trustOf(told))
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  expect(report.nations['USA']).toMatchObject({
    origin: 'usa.entente.example/release-log/1',
    stoppedAt: null,
    size: 9,
    leaves: 9,
    statements: { genesis: 1, policy: 2, release: 5, ack: 1 },
    released: {
      GBR: { records: 1, fields: 3, puts: 4, drops: 3 },
      NOR: { records: 1, fields: 2, puts: 1, drops: 0 },
    },
    cosignatures: ['GBR', 'NOR'],
    checkedContent: true,
  })
  expect(report.nations['GBR']?.received).toEqual({ USA: { records: 1 } })
  expect(report.nations['USA']?.policies).toMatchObject([
    { edition: 1, releases: 2, authorities: [{ name: 'release authority', serial: 2 }] },
    { edition: 2, releases: 3, authorities: [{ name: 'release authority', serial: 2 }] },
  ])
  expect(report.remarks).toEqual([])
  expect(report.exercise).toMatch(/^EXERCISE/)
})
