import type { PartnerStatus } from '@entente/node'
import { formatTime } from '../text.ts'

/** What is said once about partners that have not been in sync for too long, and once when they are again. */
export function partnerAlerts(
  before: ReadonlySet<string>,
  partners: readonly Pick<PartnerStatus, 'nation' | 'amber' | 'inSync' | 'inSyncAtMs' | 'words'>[],
): { readonly late: ReadonlySet<string>; readonly lines: readonly string[] } {
  const late = new Set(before)
  const lines: string[] = []
  for (const { nation, amber, inSync, inSyncAtMs, words } of partners) {
    if (amber && !late.has(nation)) {
      late.add(nation)
      lines.push(
        `${nation} was last proven in sync on ${formatTime(inSyncAtMs ?? 0)}: ${words} (entente status)`,
      )
    } else if (inSync && late.delete(nation)) lines.push(`${nation} is in sync again`)
  }
  return { late, lines }
}
