import type { WitnessPolicy } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import { type LogHistory, medianOf } from '../log/history.ts'
import type { Leaves } from './leaves.ts'

/**
 * Step 6: decision times never decrease by leaf, and lie between the previous quorum checkpoint and the first one that
 * covers the leaf, within the tolerance: nothing can be decided "yesterday". What does not widen may be sealed while the cosignatures of
 * the checkpoint before are on their way by courier, as long as the coalition gives a courier.
 */
export function checkTimes(
  { size, published }: LogHistory,
  { byIndex }: Leaves,
  { toleranceMs, courierMs = 0 }: Pick<WitnessPolicy, 'toleranceMs' | 'courierMs'>,
  found: AddFinding,
): void {
  let latest = 0
  let next = 0
  for (let index = 0; index < size; index++) {
    while ((published[next]?.size ?? Infinity) <= index) next++
    const leaf = byIndex.get(index)
    const at = leaf?.statement.at
    if (leaf === undefined || at === undefined) continue
    const widens = leaf.kind === 'release' && leaf.statement.effect === 'widen'
    const backMs = widens ? toleranceMs : Math.max(toleranceMs, courierMs)
    const before = published[next - 1]
    const after = published[next]
    const from = before === undefined ? 0 : medianOf(before, 'lower') - backMs
    const until = after === undefined ? Infinity : medianOf(after, 'upper') + toleranceMs
    if (at < from || at > until)
      found('TIME_WINDOW', `leaf ${index} is dated ${at} ms, outside of ${from} to ${until}`, index)
    else if (at < latest)
      found('TIME_ORDER', `leaf ${index} is dated ${at} ms, an earlier leaf ${latest}`, index)
    else latest = at
  }
}
