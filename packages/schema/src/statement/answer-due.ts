import type { WitnessPolicy } from '../roster.ts'

const HOUR_MS = 3_600_000

/** The rhythm of answers in ms: an hour unless the witness policy says otherwise. */
export const answerMsOf = ({ answerMs }: Pick<WitnessPolicy, 'answerMs'>): number =>
  answerMs ?? HOUR_MS

/**
 * When a request is answered: one period after the next full one. It follows from nothing but when the request came in, so that
 * what is forbidden and what is unknown get the same answer at the same time.
 * @see release-log design, "Defaults": at the next full hour + 1 h
 */
export function answerDueMs(arrivedMs: number, policy: Pick<WitnessPolicy, 'answerMs'>): number {
  const every = answerMsOf(policy)
  return Math.ceil(arrivedMs / every) * every + every
}
