import { type Field, joinLabels, joinTerms } from '@entente/schema'
import type { FieldContent, Register, Version } from './stored-record.ts'

/** What a field is bound by: its label, and the terms of its originator. */
export type Bound = Pick<Field, 'label' | 'terms'>

/**
 * What a field is bound by, also after it was taken out: whatever any of its versions is bound by that none has replaced.
 * Undefined for a field that never was.
 */
export const boundOf = (register: Register<FieldContent>): Bound | undefined =>
  joinBounds(register.map(bindingOf))

/** One bound that is at least as strict as all. */
export function joinBounds(bounds: readonly (Bound | undefined)[]): Bound | undefined {
  const [first, ...others] = bounds.filter((bound) => bound !== undefined)
  if (first === undefined) return undefined
  const terms = others.reduce((sum, bound) => joinTerms(sum, bound.terms), first.terms)
  const label = others.reduce((sum, bound) => joinLabels(sum, bound.label), first.label)
  return { label, ...(terms && { terms }) }
}

const bindingOf = ({ now, out, imported }: Version<FieldContent>): Bound | undefined =>
  now ?? out ?? imported ?? undefined
