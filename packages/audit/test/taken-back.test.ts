import { describe, expect, test } from 'vitest'
import { auditBundles, heldBy } from '../src/index.ts'
import { type DropCase, isDropDue } from '../src/replay/drop-due.ts'
import type { Composed } from '../src/work/task.ts'
import {
  acknowledge,
  append,
  appendToFeed,
  deliver,
  digestText,
  publish,
  row,
} from './bundle-builder.ts'
import { asq, mk58, toGbrSecond } from './exercise-data.ts'
import type { Draft } from './export-bundle.ts'
import { platformVerify } from './keys.ts'
import { AGAIN, edit, FIRST_RELEASE, NARROW } from './lie-tools.ts'
import { bundlesOf, type Lies, release, type Told, tell } from './story.ts'

const audit = (lies: Lies, count?: number) => audited(lies, count).report
function audited(lies: Lies, count = 3) {
  const told = tell(lies)
  return auditBundles(bundlesOf(told, lies.bundles).slice(0, count), {
    roster: told.federation.roster,
    verify: platformVerify,
    atMs: told.federation.now + 60_000,
  })
}
const codesOf = (lies: Lies, count?: number) =>
  audit(lies, count).findings.map(({ nation, code }) => `${nation} ${code}`)

/** The USA takes back the release that put AN/ASQ-235 and MK-58 again; GBR says so. */
function recallAgain(told: Told, purge = false): void {
  const { federation, usa, gbr, sent } = told
  const again = sent[3]
  if (again === undefined) throw new RangeError('no such release')
  const recall = appendToFeed(federation, usa, 'recall', {
    recipient: 'GBR',
    release: { feed: again.feed, seq: again.seq, statement: digestText(again.jws) },
    entries: [],
    purge,
    reason: 'a test',
    dataset: 'capabilities',
  })
  publish(federation, usa)
  deliver(usa, gbr, recall)
  acknowledge(federation, gbr, usa, recall)
}
function dropHeld({ gbr }: Told): void {
  gbr.rows['held.jsonl'] = []
}

describe('a recall', () => {
  test('takes back what was put: who holds it no more does right', () => {
    const report = audit({
      late: (told) => {
        recallAgain(told)
        dropHeld(told)
      },
    })
    expect(report.findings).toEqual([])
    expect(report.nations['USA']?.released['GBR']).toMatchObject({ records: 0 })
  })

  test('leaves nothing that the recipient could hold from then on', () => {
    const { audits, report } = audited({
      late: (told) => {
        recallAgain(told)
        dropHeld(told)
      },
    })
    expect(report.findings).toEqual([])
    const recall = audits.get('USA')?.recalls.all[0]?.statement.at ?? Number.NaN
    expect(heldBy(audits, 'GBR', recall - 1)).toMatchObject([{ record: asq.id }])
    expect(heldBy(audits, 'GBR', recall)).toEqual([])
  })

  test('that was acknowledged leaves nothing to hold', () => {
    expect(codesOf({ late: recallAgain })).toEqual(['GBR JOIN_KEPT'])
  })

  test('that asked for a purge is unproven until the recipient says it purged', () => {
    const late = (told: Told) => {
      recallAgain(told, true)
      dropHeld(told)
    }
    const report = audit({ late })
    expect(report.findings).toEqual([])
    expect(report.remarks).toEqual([expect.stringMatching(/GBR has not said that it purged/)])
  })
})

describe('a recall by the word of a node', () => {
  /** The USA recalls AN/ASQ-235 and what goes with it from everybody; GBR has heard it. */
  const recallAll = ({ federation, usa, gbr }: Told): void => {
    const said = { nation: 'USA', records: [asq.id, mk58.id], purge: true, reason: 'a test' }
    const { jws: seal } = append(federation, usa, 'nation-recall', said)
    publish(federation, usa)
    for (const each of [usa, gbr]) row(each, 'root-recalls.jsonl', { seal })
  }
  test('leaves nothing that anybody could hold from then on, and is unproven until all say that they purged', () => {
    const { audits, report } = audited({
      late: (told) => {
        recallAll(told)
        dropHeld(told)
      },
    })
    expect(report.findings).toEqual([])
    expect(report.nations['USA']?.released['GBR']).toMatchObject({ records: 0 })
    expect(report.remarks).toEqual(
      ['GBR', 'NOR'].map((nation) =>
        expect.stringContaining(`${nation} has not said that it purged what was recalled by`),
      ),
    )
    const atMs = audits.get('USA')?.nationRecalls.all[0]?.recall.at ?? Number.NaN
    expect(heldBy(audits, 'GBR', atMs - 1).map(({ record }) => record)).toContain(asq.id)
    expect(heldBy(audits, 'GBR', atMs)).toEqual([])
  })

  test('that was heard leaves nothing to hold', () => {
    expect(new Set(codesOf({ late: recallAll }))).toEqual(new Set(['GBR JOIN_KEPT']))
  })
})

/** The USA begins its feed to GBR anew. */
function resetGbr(told: Told, change: Record<string, unknown> = {}): void {
  const { federation, usa, gbr, sent } = told
  const last = sent.at(-1)
  if (last === undefined) throw new RangeError('nothing was sent')
  usa.feeds.delete('GBR capabilities')
  const replaces = { feed: last.feed, seq: last.seq, statement: digestText(last.jws), ...change }
  const reset = appendToFeed(federation, usa, 'reset', {
    recipient: 'GBR',
    dataset: 'capabilities',
    replaces,
    reason: 'a test',
  })
  publish(federation, usa)
  deliver(usa, gbr, reset)
  acknowledge(federation, gbr, usa, reset)
}

describe('a reset', () => {
  test('is no second feed, and what is held after it is judged by the new one', () => {
    const report = audit({
      late: (told) => {
        resetGbr(told)
        dropHeld(told)
        release(told, told.usa, told.gbr, 'second', [
          { put: asq, values: toGbrSecond('AN/ASQ-235') },
        ])
      },
    })
    expect(report.findings).toEqual([])
    expect(report.nations['USA']?.released['GBR']).toMatchObject({ records: 1 })
  })

  test('leaves nothing of the old feed to hold', () => {
    expect(codesOf({ late: resetGbr })).toEqual(['GBR JOIN_KEPT'])
  })

  test('must name a feed, and a statement of it', () => {
    const other = digestText('other')
    const late = (change: Record<string, unknown>) => (told: Told) => {
      resetGbr(told, change)
      dropHeld(told)
    }
    expect(codesOf({ late: late({ statement: other }) })).toEqual(['USA FEED_CHAIN'])
    expect(codesOf({ late: late({ feed: other }) })).toContain('USA FEED_DUPLICATE')
  })
})

/** Declares leaves erased, and deletes what opened them. */
const erased = (leaves: number[], declare = true): Lies => ({
  late: ({ federation, usa }) => {
    if (declare) append(federation, usa, 'erase', { leaves, ground: 'a law', authority: 'a court' })
    publish(federation, usa)
  },
  bundles: { USA: (draft) => forget(draft, leaves) },
})
function forget({ rows }: Draft, leaves: number[]): void {
  for (const path of ['openings.jsonl', 'entries.jsonl', 'inputs.jsonl'])
    rows[path] = (rows[path] ?? []).filter(({ index }) => !leaves.includes(index as number))
}

describe('an erasure', () => {
  test.each([
    ['the first release', [FIRST_RELEASE]],
    ['a release in the middle', [AGAIN]],
    ['the last release', [NARROW]],
    ['all releases to a nation', [3]],
  ])('of %s that is declared is counted apart', (_, leaves) => {
    const report = audit(erased(leaves))
    expect(report.findings).toEqual([])
    expect(report.nations['USA']).toMatchObject({ erased: 1 })
    expect(report.remarks[0]).toMatch(/1 leaves have been erased/)
    expect(audit(erased(leaves), 1).findings).toEqual([])
  })

  test('that nobody declared is a leaf kept closed', () => {
    expect(codesOf(erased([AGAIN], false), 1)).toEqual(['USA LEAF_UNOPENED'])
  })

  test('hides no policy, and no genesis', () => {
    expect(new Set(codesOf(erased([1])))).toEqual(new Set(['USA POLICY_LEAF']))
    expect(codesOf(erased([0]))).toEqual(['USA GENESIS'])
  })

  test('leaves what stands after it judged', () => {
    const kept: Lies = {
      ...erased([FIRST_RELEASE]),
      end: ({ gbr, usa }) => {
        const [held] = gbr.rows['held.jsonl'] ?? []
        if (held) row(gbr, 'held.jsonl', { ...held, record: `urn:entente:${'9'.repeat(32)}` })
        expect(usa.entries.length).toBeGreaterThan(9)
      },
    }
    // Nothing can be said of a record that only the erased statement may have put.
    expect(codesOf(kept)).toEqual([])
    const changed: Lies = {
      ...erased([FIRST_RELEASE]),
      bundles: {
        ...erased([FIRST_RELEASE]).bundles,
        GBR: edit('held.jsonl', 0, () => ({ digest: digestText('other') })),
      },
    }
    expect(codesOf(changed)).toEqual(['GBR JOIN_DIGEST'])
  })
})

test('all of a record is due to be dropped where fewer roles may read the field that names it', () => {
  const levels = { rate_max: 'exact', title: 'exact' } as const
  const fields = Object.keys(levels)
  const composed = (roles: Composed['roles']): Composed => ({
    digest: 'the same',
    fields,
    authority: fields,
    levels,
    roles,
    consents: [],
    validUntil: null,
    topics: [],
    approvals: {},
    unnamed: [],
    pending: [],
    heldBack: {},
    unconsented: [],
  })
  const isDue = (roles: Composed['roles'], dropped?: string[]) =>
    isDropDue({
      leaf: { statement: { dataset: asq.dataset } } as DropCase['leaf'],
      entry: {
        op: 'drop',
        record: asq.id,
        ...(dropped && { fields: dropped }),
      } as DropCase['entry'],
      source: asq,
      now: composed(roles),
      standing: { fields } as unknown as DropCase['standing'],
      before: composed({}),
    })
  expect(isDue({ title: ['engineering'] })).toBe(true)
  expect(isDue({ title: ['engineering'] }, ['title'])).toBe(true)
  expect(isDue({ title: ['engineering'] }, fields)).toBe(false)
  expect(isDue({ rate_max: ['engineering'] })).toBe(false)
})
