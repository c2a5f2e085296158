import type { Caveat, Classification, Label } from '@entente/schema'
import { sortList, type UsMarking } from './capco-marking.ts'
import type { Control, UsLevel } from './capco-words.ts'

/**
 * A label of ours as a US marking. What US markings cannot say is said stricter: RESTRICTED as CONFIDENTIAL, a list that names only
 * the United States, or nobody, as NOFORN. ONLY is EYES ONLY.
 */
export function usMarkingOf({ classification, releasableTo, caveats }: Label): UsMarking {
  const foreign = releasableTo.filter((name) => name !== 'USA')
  const noforn = caveats.includes('NOFORN') || foreign.length === 0
  const list = noforn ? null : sortList(['USA', ...foreign])
  const only = caveats.includes('ONLY')
  const given = new Set(caveats.flatMap((caveat) => controlOf[caveat] ?? []))
  if (noforn) given.add('NF')
  return {
    origin: 'us',
    level: levelOf[classification],
    systems: {},
    programmes: {},
    atomic: {},
    fgi: null,
    controls: order.filter((control) => given.has(control)),
    rel: only ? null : list,
    eyes: only ? list : null,
    display: null,
    nonIc: [],
  }
}

const levelOf: Readonly<Record<Classification, UsLevel>> = {
  UNCLASSIFIED: 'U',
  RESTRICTED: 'C',
  CONFIDENTIAL: 'C',
  SECRET: 'S',
  'TOP SECRET': 'TS',
}
const controlOf: Readonly<Partial<Record<Caveat, Control>>> = {
  COMMERCIAL: 'PR',
  NOFORN: 'NF',
  ORCON: 'OC',
}
const order: readonly Control[] = ['OC', 'NF', 'PR']
