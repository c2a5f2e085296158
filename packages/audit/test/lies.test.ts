import { expect, test } from 'vitest'
import { type FindingCode, findingMeanings, verifyBundles } from '../src/index.ts'
import { approvalLies } from './approval-lies.ts'
import { bandLies, tellReturn, tellTruth } from './band-lies.ts'
import { checkpointNote, createFederation, hashText } from './bundle-builder.ts'
import { consentLies } from './consent-lies.ts'
import { decisionLies } from './decision-lies.ts'
import { exportBundle } from './export-bundle.ts'
import { handedOnLies } from './handed-on-lies.ts'
import { joinLies } from './join-lies.ts'
import { jointLies, sayJoint } from './joint-lies.ts'
import { platformVerify } from './keys.ts'
import { otherKey, usa } from './lie-tools.ts'
import { logLies } from './log-lies.ts'
import { rootLies } from './root-lies.ts'
import { sharingLies, tellSharing } from './sharing-lies.ts'
import { bundlesOf, type Lies, type Told, tell } from './story.ts'
import { honestLimit, honestRegister, releasePrice, supplierLies } from './supplier-lies.ts'

/** One lie a row; each must give exactly its own finding, against the nation that told it. */
const lies = [
  ...logLies,
  ...decisionLies,
  ...approvalLies,
  ...bandLies,
  ...consentLies,
  ...supplierLies,
  ...joinLies,
  ...handedOnLies,
  ...jointLies,
  ...rootLies,
  ...sharingLies,
]

test.each(lies)('finds %s: %s', (_, code, nation, told) => {
  const { findings, ok } = audit(told)
  expect(new Set(findings.map((one) => `${one.nation} ${one.code}`))).toEqual(
    new Set([`${nation} ${code}`]),
  )
  expect(ok).toBe(false)
})

test('finds nothing where the supplier has consented and no more roles are named than may read', () => {
  const { findings, ok } = audit({
    late: (told) => releasePrice(told, honestRegister, honestLimit),
  })
  expect(findings).toEqual([])
  expect(ok).toBe(true)
})

test('finds nothing where the catalogue, what is given and the tally are as they were asked and sealed', () => {
  expect(audit({ late: tellSharing }).findings).toEqual([])
})

/** Lies about the bundle as a whole, told after its manifest was made. */
const broken: [lie: string, code: FindingCode, nation: string | null, lie: BrokenBundle][] = [
  [
    'a file altered',
    'MANIFEST_MISMATCH',
    'USA',
    (files) => void files.set('inputs.jsonl', Buffer.from('{}\n')),
  ],
  [
    'a file left out',
    'MANIFEST_MISSING_FILE',
    'USA',
    (files) => void files.delete('openings.jsonl'),
  ],
  [
    'a file slipped in',
    'MANIFEST_EXTRA_FILE',
    'USA',
    (files) => void files.set('roster.json', Buffer.from('{}')),
  ],
  ['no manifest', 'MANIFEST_FORM', null, (files) => void files.delete('manifest.json')],
  [
    'a manifest of another format',
    'MANIFEST_FORM',
    null,
    (files) => void files.set('manifest.json', Buffer.from('{"format":"entente-bundle/2"}')),
  ],
  ['two bundles of one nation', 'BUNDLE_DUPLICATE', 'USA', (files, all) => void all.push(files)],
  [
    'a bundle of a stranger',
    'BUNDLE_NATION',
    'CAN',
    (_, all) => {
      const canada = createFederation(['CAN', 'USA', 'NOR']).nations.get('CAN')
      if (canada) all.push(exportBundle(canada))
    },
  ],
]
type BrokenBundle = (usa: Map<string, Uint8Array>, all: Map<string, Uint8Array>[]) => void

test.each(broken)('finds %s: %s', (_, code, nation, lie) => {
  const told = tell()
  const bundles = bundlesOf(told)
  if (bundles[0]) lie(bundles[0], bundles)
  const { findings } = verifyBundles(bundles, trustOf(told))
  expect(findings.map((one) => `${one.nation} ${one.code}`)).toEqual([`${nation} ${code}`])
})

test('every finding there is has a lie that gives it', () => {
  const told = new Set([...lies, ...broken].map(([, code]) => code))
  expect([...told].sort()).toEqual(Object.keys(findingMeanings).sort())
})

test('a log that does not extend the one of the previous audit is found', () => {
  const told = tell()
  const { usa, federation } = told
  const bundles = bundlesOf(told)
  const since = (size: number, root?: Uint8Array) => ({
    ...trustOf(told),
    since: { USA: checkpointNote(federation, usa, size, ['GBR', 'NOR'], root) },
  })
  const codes = (trust: ReturnType<typeof since>) =>
    verifyBundles(bundles, trust).findings.map(({ code }) => code)
  expect(codes(since(5))).toEqual([])
  expect(codes(since(5, new Uint8Array(hashText('other past'))))).toEqual(['CHECKPOINT_FORK'])
  expect(codes(since(11, new Uint8Array(hashText('more'))))).toEqual(['LOG_BEHIND'])
})

test('a band that stands through a month, and moves after it, is nothing to find', () => {
  expect(audit({ late: tellTruth }).findings).toEqual([])
})

test('a band that moves where an older edition without schedule was in force for a day is nothing to find', () => {
  expect(audit({ late: tellReturn }).findings).toEqual([])
})

test('keys in a bundle mean nothing', () => {
  const lie = usa(({ files }) => void files.set('roster.json', Buffer.from('{"nations":[]}')))
  expect(audit(lie).findings).toEqual([])
})

test('without content, decisions are not replayed, and the report says so', () => {
  const lie: Lies = {
    again: { values: { demand: { quantity: '7', unit: 'each', period: 'year' } } },
    ...usa(({ manifest, rows }) => {
      manifest['withContent'] = false
      delete rows['sources.jsonl']
      delete rows['record-keys.jsonl']
    }),
  }
  const report = audit(lie)
  expect(report.findings).toEqual([])
  expect(report.nations['USA']?.checkedContent).toBe(false)
  expect(report.remarks).toEqual([expect.stringContaining('USA: the bundle has no content')])
})

test('what a joint change writes is not checked without content, and the report says so', () => {
  const report = audit({
    late: (story) => sayJoint(story, { change: null }),
    ...usa(({ manifest, rows }) => {
      manifest['withContent'] = false
      delete rows['sources.jsonl']
      delete rows['record-keys.jsonl']
    }),
  })
  expect(report.findings).toEqual([])
  expect(report.remarks).toContainEqual(
    expect.stringMatching(/^USA: of 1 changes of joint documents the bundle has no content/),
  )
})

test('a vote under a key that the roster does not name, as of an officer who has left, is no finding, and the report says so', () => {
  const { findings, ok, remarks } = audit({
    late: (story) => sayJoint(story, { seal: ({ sealed }) => ({ seal: sealed({}, otherKey) }) }),
  })
  expect([findings, ok]).toEqual([[], true])
  expect(remarks).toEqual([
    expect.stringMatching(
      new RegExp(
        `^USA: votes .* sealed by ${otherKey.base64url}, no officer in the roster that you`,
      ),
    ),
  ])
})

test('one bundle alone is audited too; what was not joined is said', () => {
  const told = tell()
  const report = verifyBundles(bundlesOf(told).slice(0, 1), trustOf(told))
  expect(report.findings).toEqual([])
  expect(report.remarks).toHaveLength(2)
})

function audit(told: Lies) {
  const story = tell(told)
  return verifyBundles(bundlesOf(story, told.bundles), trustOf(story))
}

const trustOf = ({ federation }: Told) => ({
  roster: federation.roster,
  verify: platformVerify,
  atMs: federation.now + 60_000,
})
