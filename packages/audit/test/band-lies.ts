import type { DataRecord } from '@entente/schema'
import { type Line, publish, putInForce } from './bundle-builder.ts'
import { asq, policyOf, toGbrSecond, versionText } from './exercise-data.ts'
import type { Lie } from './lie-tools.ts'
import { release, type Told } from './story.ts'

/** The record with another rate. */
const asqAt = (number: string): DataRecord => ({
  ...asq,
  fields: {
    ...asq.fields,
    rate_max: {
      ...asq.fields['rate_max'],
      value: { number, unit: 'each', per: 'year' },
    } as DataRecord['fields'][string],
  },
})

/** Puts a policy in force that makes bands of rates anew each month. */
function schedule(told: Told, edition = 3, untilMs?: number): void {
  const { federation, usa, policies } = told
  const next = policyOf(edition)
  const reband = { every: 'month', margin: '5' }
  const bands = { rate: { ...next.bands.rate, reband } }
  const until = untilMs === undefined ? next.until : dateOf(untilMs)
  policies.second = putInForce(federation, usa, { ...next, bands, until } as typeof next)
  publish(federation, usa)
}

const DAY = 86_400_000
const dateOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10)

/** Since when a value stands that is taken in the next release. */
const nextAt = ({ federation }: Told): number => federation.now + 1000

/** Gives GBR the record in the band of a value, and says what that is made from. @returns the moment of the release */
function give(
  told: Told,
  record: DataRecord,
  [from, to]: readonly [from: string, to?: string],
  stands: readonly [version: DataRecord, sinceMs: number] | null,
  until: { readonly validUntil?: number } = {},
): number {
  const atMs = nextAt(told)
  const number = to === undefined ? { from } : { from, to }
  const values: Line = {
    ...toGbrSecond('AN/ASQ-235'),
    rate_max: { number, unit: 'each', per: 'year' },
  }
  const bands = stands && [[asq.id, 'rate_max', versionText(stands[0]), stands[1]]]
  const inputs = bands === null ? {} : { bands }
  release(told, told.usa, told.gbr, 'second', [{ put: record, values }], {
    inputs: { ...inputs, ...until },
  })
  return atMs
}

const high = ['1000', '10000'] as const
const low = ['0', '100'] as const
/** Time goes on past the first of a month. */
function passMonth({ federation }: Told): void {
  federation.now += 31 * DAY
}

const band = (lie: string, late: (told: Told) => void): Lie => [
  lie,
  'BAND_STANDING',
  'USA',
  {
    late: (told) => {
      schedule(told)
      late(told)
    },
  },
]

/** Lies about what bands are made from. */
export const bandLies: readonly Lie[] = [
  band('a band of the present value, said of no moment', (told) => {
    give(told, asqAt('20'), low, null)
  }),
  band('a band that moved in the middle of a month', (told) => {
    give(told, asq, high, [asq, nextAt(told)])
    give(told, asqAt('20'), low, [asqAt('20'), nextAt(told)])
  }),
  band(
    'a band that moved in a month in which an edition without schedule was only announced',
    (told) => {
      const { federation, usa } = told
      give(told, asq, high, [asq, nextAt(told)])
      putInForce(federation, usa, { ...policyOf(4), from: dateOf(federation.now + 60 * DAY) })
      publish(federation, usa)
      give(told, asqAt('20'), low, [asqAt('20'), nextAt(told)])
    },
  ),
  band('a band made from a version that was not the one decided on', (told) => {
    give(told, asqAt('20'), low, [asqAt('20'), nextAt(told)])
    passMonth(told)
    give(told, asqAt('20'), high, [asq, nextAt(told)])
  }),
  band('a band that moved though its value had not left it', (told) => {
    give(told, asq, high, [asq, nextAt(told)])
    passMonth(told)
    give(told, asqAt('960'), ['100', '1000'], [asqAt('960'), nextAt(told)])
  }),
  band('a band that goes back to what stood before', (told) => {
    const since = give(told, asq, high, [asq, nextAt(told)])
    passMonth(told)
    give(told, asqAt('20'), low, [asqAt('20'), nextAt(told)])
    give(told, asqAt('20'), high, [asq, since])
  }),
  band('a band that stands since a moment that no release names', (told) => {
    const since = give(told, asqAt('20'), low, [asqAt('20'), nextAt(told)])
    passMonth(told)
    give(told, asqAt('20'), high, [asq, since + 86_400_000])
  }),
  band('a band of two versions that stand since one moment', (told) => {
    const since = give(told, asqAt('20'), low, [asqAt('20'), nextAt(told)])
    give(told, asqAt('20'), high, [asq, since])
  }),
  band('a band that stands since a moment to come', (told) => {
    give(told, asqAt('20'), low, [asqAt('20'), nextAt(told) + 1])
  }),
]

/** What a node as published does: a value stands through a crossing, and gives way after the first of a month. */
export function tellTruth(told: Told): void {
  schedule(told)
  const since = give(told, asq, high, [asq, nextAt(told)])
  give(told, asqAt('20'), high, [asq, since])
  passMonth(told)
  give(told, asqAt('20'), high, [asq, since])
  give(told, asqAt('20'), low, [asqAt('20'), nextAt(told)])
}

/** What a node does where an edition with a schedule runs out, an older one without is in force again, and a third has one anew. */
export function tellReturn(told: Told): void {
  const { federation } = told
  const validUntil = (Math.floor(federation.now / DAY) + 2) * DAY
  schedule(told, 3, validUntil)
  give(told, asq, high, [asq, nextAt(told)], { validUntil })
  federation.now += 3 * DAY
  schedule(told, 4)
  give(told, asqAt('20'), low, [asqAt('20'), nextAt(told)])
}
