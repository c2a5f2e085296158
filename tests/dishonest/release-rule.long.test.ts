import type { RunningNode } from '@entente/node'
import type { StatementFrame } from '@entente/node/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { fragmentOf, type Logged, putOf } from '../support/hostile-sender.ts'
import { livePolicy, readRows, refusals } from '../support/scenario.ts'
import { createDishonestNode, type DishonestNode } from './dishonest-node.ts'

// A patched node of the USA before a real one of the GBR: what is refused is written down, and nothing of it is kept.
let federation: Federation
let gbr: RunningNode
let usa: DishonestNode
let count = 0
/** What was said last and admitted. */
let said: { readonly logged: Logged; readonly frame: StatementFrame }

beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
  gbr = await federation.open('GBR', { alone: true })
  usa = await createDishonestNode(federation, 'USA', 'GBR')
  usa.sender.logPolicy(livePolicy('USA'))
  await honestly()
})
afterAll(async () => {
  await usa[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

const told = (change: object = {}) => {
  const fragment = fragmentOf('USA', { title: `record ${++count}` })
  const opening = putOf(fragment)
  const payload = { ...usa.sender.release([opening]), ...change }
  return { fragment, opening, payload }
}
const frameOf = (
  logged: Logged,
  { fragment, opening }: Pick<ReturnType<typeof told>, 'fragment' | 'opening'>,
  baseSize: number,
) => usa.sender.frame(logged, { baseSize, openings: [opening], bodies: [fragment] })

/** Releases one record as it should be. */
async function honestly(): Promise<void> {
  const release = told()
  const title = `record ${count}`
  const logged = usa.sender.log('release', release.payload)
  const words = () => new Set(usa.acknowledgements).size
  const before = words()
  usa.say((heldSize) => {
    const frame = frameOf(logged, release, heldSize)
    said = { logged, frame }
    return frame
  })
  await eventually(`GBR acknowledges ${title}`, () => words() > before)
  expect(await gbr.search({ text: title })).toHaveLength(1)
  usa.sender.follow(logged)
}

/** Everything of the USA that the GBR keeps, but for how far its log was proven. */
const kept = () =>
  ['feed_in', 'statement_in', 'held_in', 'hidden_in', 'quarantine', 'view_row', 'ack_given'].map(
    (table) => readRows(federation.folder('GBR'), `SELECT * FROM ${table}`),
  )

test.each<[lie: string, code: string, tell: (heldSize: number) => StatementFrame]>([
  [
    'data without proof',
    'PROOF_MALFORMED',
    (heldSize) => {
      const release = told()
      const logged = usa.sender.log('release', release.payload)
      return { ...frameOf(logged, release, heldSize), proof: '' }
    },
  ],
  [
    'the leaf of another recipient with its proof',
    'STATEMENT_RECIPIENT',
    (heldSize) => {
      const release = told({ recipient: 'AUS' })
      return frameOf(usa.sender.log('release', release.payload), release, heldSize)
    },
  ],
  [
    'the proof of a release for another payload',
    'INCLUSION_ROOT_MISMATCH',
    (heldSize) => {
      const release = told()
      const logged = usa.sender.log('release', release.payload)
      const other = usa.sender.log('release', told().payload)
      return { ...frameOf(logged, release, heldSize), jws: other.jws }
    },
  ],
  [
    'a deny leaf for a release',
    'STATEMENT_KIND|UPGRADE_NEEDED',
    (heldSize) => {
      const release = told()
      return frameOf(usa.sender.log('deny', release.payload), release, heldSize)
    },
  ],
  [
    'a pad leaf for a release',
    'STATEMENT_KIND',
    (heldSize) => {
      const release = told()
      return frameOf(usa.sender.log('pad', release.payload), release, heldSize)
    },
  ],
  [
    'a gap in the numbers',
    'FEED_GAP',
    (heldSize) => {
      const release = told({ seq: Number(usa.sender.release([])['seq']) + 1 })
      return frameOf(usa.sender.log('release', release.payload), release, heldSize)
    },
  ],
  [
    'a number twice',
    'FEED_CHAIN',
    (heldSize) => {
      const release = told({ seq: Number(usa.sender.release([])['seq']) - 1 })
      return frameOf(usa.sender.log('release', release.payload), release, heldSize)
    },
  ],
  [
    'a release that is in no log',
    'INCLUSION_ROOT_MISMATCH',
    (heldSize) => {
      const release = told()
      const logged = usa.sender.log('release', release.payload)
      usa.sender.truncate(usa.sender.size() - 1)
      usa.sender.log('pad', { origin: usa.sender.origin, at: Date.now() })
      return frameOf(logged, release, heldSize)
    },
  ],
])(
  'case 28: %s is refused as %s, written down, and nothing of it is kept',
  async (_, code, tell) => {
    const before = kept()
    const noted = refusals(federation.folder('GBR')).length
    usa.say(tell)
    const refused = await eventually(
      'GBR writes the refusal down',
      () => refusals(federation.folder('GBR'))[noted],
    )
    expect(refused).toMatchObject({ from: 'USA', code: expect.stringMatching(`^(${code})$`) })
    expect(kept()).toEqual(before)
    await honestly()
  },
)

test('case 28: an old release sent again is answered as before, and changes nothing', async () => {
  const before = kept()
  const answered = usa.acknowledgements.length
  const noted = refusals(federation.folder('GBR')).length
  usa.say((heldSize) =>
    usa.sender.frame(said.logged, { ...said.frame, base: { size: heldSize, hashes: [] } }),
  )
  await eventually('GBR answers', () => usa.acknowledgements.length > answered)
  expect(usa.acknowledgements.at(-1)).toBe(usa.acknowledgements[answered - 1])
  expect(kept()).toEqual(before)
  expect(refusals(federation.folder('GBR')).length).toBe(noted)
})
