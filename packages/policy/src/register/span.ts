import { parseIsoDate } from '../dates.ts'

/** Half-open, ms. */
export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** A date that cannot be read begins never and has ended already; none is no bound. */
export const spanOf = (from: string | undefined, until: string | undefined): Span => ({
  fromMs: from === undefined ? -Infinity : (parseIsoDate(from) ?? Infinity),
  untilMs: until === undefined ? Infinity : (parseIsoDate(until) ?? -Infinity),
})

export const isWithin = ({ fromMs, untilMs }: Span, atMs: number): boolean =>
  fromMs <= atMs && atMs < untilMs
