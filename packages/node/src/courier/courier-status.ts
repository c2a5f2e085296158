import type { Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { lastGiven, lastTaken } from './courier-tables.ts'

/** What has gone to a partner and come from it by courier; null: nothing has. */
export interface CourierStatus {
  /** Number of the last bundle made for it, and when, ms; 0: none. */
  readonly given: number
  readonly givenAtMs: number
  /** Number of the last one taken in from it, and when, ms; 0: none. */
  readonly taken: number
  readonly takenAtMs: number
}

export function courierStatus({ db }: Pick<Deps, 'db'>, nation: Nation): CourierStatus | null {
  const given = lastGiven(db, nation)
  const taken = lastTaken(db, nation)
  if (given.number === 0 && taken === null) return null
  return {
    given: given.number,
    givenAtMs: given.atMs,
    taken: taken?.number ?? 0,
    takenAtMs: taken?.takenMs ?? 0,
  }
}

/** @param ago how long before now a time was, in words */
export function sayCourier(
  status: CourierStatus | null,
  nation: Nation,
  ago: (atMs: number) => string,
): string {
  if (status === null)
    return `by courier: nothing has been carried yet (entente bundle export --to ${nation})`
  const { given, givenAtMs, taken, takenAtMs } = status
  const went = given === 0 ? 'no bundle made for it' : `bundle ${given} made ${ago(givenAtMs)} ago`
  const came = taken === 0 ? 'none of its taken in' : `its ${taken} taken in ${ago(takenAtMs)} ago`
  return `by courier: ${went}, ${came}`
}
