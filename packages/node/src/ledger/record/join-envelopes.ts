import { canonicalJson, type Envelope, joinHandling } from '@entente/schema'

/**
 * One envelope that is at least as strict as both: the narrower status, validity and handling, all jurisdictions.
 * What restricts nothing (source, confidence, date) is taken from `a`, the later one.
 */
export function joinEnvelopes(a: Envelope, b: Envelope): Envelope {
  const validFrom = last([a.validFrom, b.validFrom])
  const validTo = first([a.validTo, b.validTo])
  const reviewBy = first([a.reviewBy, b.reviewBy])
  const jurisdiction = union(a.jurisdiction, b.jurisdiction)
  const derivedFrom = union(a.derivedFrom, b.derivedFrom)
  return {
    ...a,
    status: strictest(statuses, a.status, b.status),
    handling: joinHandling(a.handling, b.handling),
    ...(validFrom !== undefined && { validFrom }),
    ...(validTo !== undefined && { validTo }),
    ...(reviewBy !== undefined && { reviewBy }),
    ...(jurisdiction && { jurisdiction }),
    ...(derivedFrom && { derivedFrom }),
  }
}

// From open to strict.
const statuses: readonly Envelope['status'][] = ['active', 'superseded', 'draft', 'withdrawn']
const strictest = <T>(order: readonly T[], a: T, b: T): T =>
  order.indexOf(a) >= order.indexOf(b) ? a : b

const present = (dates: readonly (string | undefined)[]) =>
  dates.filter((date) => date !== undefined).sort()
const first = (dates: readonly (string | undefined)[]): string | undefined => present(dates)[0]
const last = (dates: readonly (string | undefined)[]): string | undefined => present(dates).at(-1)

function union<T>(a: T[] | undefined, b: T[] | undefined): T[] | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const byText = new Map([...a, ...b].map((item) => [canonicalJson(item), item]))
  return [...byText].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, item]) => item)
}

/** All jurisdictions of two lists: those of the first in their order, then what the second adds. */
export function addJurisdictions(
  to: Envelope['jurisdiction'],
  more: Envelope['jurisdiction'],
): Envelope['jurisdiction'] {
  const known = new Set((to ?? []).map((entry) => canonicalJson(entry)))
  const added = (more ?? []).filter((entry) => !known.has(canonicalJson(entry)))
  return added.length === 0 ? to : [...(to ?? []), ...added]
}

/**
 * What `next` says, bound by what `current` was bound by: no jurisdiction and no origin goes, the stricter handling holds.
 */
export function bindEnvelope(next: Envelope, current: Envelope): Envelope {
  const jurisdiction = addJurisdictions(current.jurisdiction, next.jurisdiction)
  return keepOrigins(
    {
      ...next,
      handling: joinHandling(next.handling, current.handling),
      ...(jurisdiction && { jurisdiction }),
    },
    current,
  )
}

/** What a record was derived from it stays derived from. */
export function keepOrigins(next: Envelope, current: Envelope): Envelope {
  const { derivedFrom } = joinEnvelopes(next, current)
  return { ...next, ...(derivedFrom && { derivedFrom }) }
}
