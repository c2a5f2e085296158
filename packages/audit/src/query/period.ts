/** A span of decision times, milliseconds; both ends are in. */
export interface Period {
  readonly fromMs: number
  readonly toMs: number
}

export const always: Period = { fromMs: 0, toMs: Infinity }

export const isWithin = (atMs: number, { fromMs, toMs }: Period): boolean =>
  fromMs <= atMs && atMs <= toMs
