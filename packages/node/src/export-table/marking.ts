import { type DataRecord, formatLabel, joinLabels, Nation, termsIn } from '@entente/schema'
import type { ViewRow } from '../view/view.ts'

/**
 * What an own record is under, as it is marked on paper: the join of its labels, and as FGI (foreign government information)
 * the other nations from whose records it or a field of it was derived, since only they can let it go on.
 * @see DoDM 5200.01, volume 2, enclosure 4, section 9
 */
export function markingOfOwn({ originator, envelope, fields }: DataRecord): string {
  const all = Object.values(fields)
  const origins = [
    ...(envelope.derivedFrom ?? []).map((source) => source.originator),
    ...all
      .flatMap(({ terms }) => (terms === undefined ? [] : termsIn(terms)))
      .map(({ originator: origin }) => origin),
  ]
  const label =
    all.length === 0 ? '' : formatLabel(all.map((field) => field.label).reduce(joinLabels))
  return withForeign(
    label,
    origins.filter((nation) => nation !== originator),
  )
}

/** The same of a record that was released to us: the banner it came with, and whose it is. */
export const markingOfForeign = ({ banner, originator }: Pick<ViewRow, 'banner' | 'originator'>) =>
  withForeign(banner, [originator])

/** Nations whose information something is marked to hold. */
export const foreignIn = (marking: string): readonly Nation[] =>
  [...marking.toUpperCase().matchAll(/\bFGI((?:\s+[A-Z]{3})+)/g)]
    .flatMap(([, nations = '']) => nations.trim().split(/\s+/))
    .flatMap((text) => Nation.safeParse(text).data ?? [])

/** Puts the mark behind the classification, in front of caveats and release list. */
function withForeign(marking: string, nations: readonly Nation[]): string {
  if (nations.length === 0) return marking
  const [classification = '', ...rest] = marking.split('//')
  const mark = `FGI ${[...new Set(nations)].sort().join(' ')}`
  return [classification, mark, ...rest].filter((part) => part !== '').join('//')
}
