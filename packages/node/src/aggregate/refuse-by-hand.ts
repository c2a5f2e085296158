import { NodeError } from '../errors.ts'

/**
 * What an aggregate says is never written by hand: partners would take it for k contributors' word.
 * @param set fields that an edit gives; one without a value gives a label
 * @throws {NodeError} `FIELD_INVALID`
 */
export function refuseAggregate(
  set: Readonly<Record<string, { readonly value?: unknown }>> | undefined,
): void {
  if (set === undefined || !Object.hasOwn(set, 'aggregate')) return
  if (set['aggregate']?.value === undefined) return
  throw new NodeError(
    'FIELD_INVALID',
    'aggregate: what several records say together is made by entente aggregate run, by the aggregates of the policy; it cannot be written by hand',
  )
}
