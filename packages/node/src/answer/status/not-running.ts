import type { Database } from '../../adapters/sqlite-database.ts'
import type { Status } from '../../node-api.ts'
import { isHandedOver } from '../../retire/hand-over.ts'
import { ago } from './ago.ts'

/**
 * Words of a node that no process serves: it asks and dials nobody, so what its files tell is all there is to say.
 * @param frozen why it would sign nothing if it were served, or null
 * @param behind whether leaves of its log wait for their quorum
 */
export function sayNotRunning(
  db: Database,
  { frozen, drafts, behind }: { frozen: string | null; drafts: boolean; behind: boolean },
  { partners, pairing }: Pick<Status, 'partners' | 'pairing'>,
): string {
  const stands = 'not running: nothing goes or comes'
  if (frozen !== null) return `${frozen}; ${stands}`
  if (drafts)
    return `${stands}; this node drafts and decides on nothing, and what is written here waits. Next: entente serve`
  if (isHandedOver(db) && !behind)
    return `${stands}; this log has had its last leaf, and all of it is published. Next: entente log retire --root FILE`
  if (partners.length === 0)
    return pairing.length > 0
      ? `${stands}; you have no partners yet, and a pairing is on its way. Next: entente serve`
      : `${stands}, and you have no partners yet. Next: entente serve, then entente partner invite NATION`
  if (partners.some(({ courier }) => courier !== null))
    return `${stands} but by bundle. Next: entente serve, with --offline where there is no network`
  return `${stands}, and nothing is signed. Next: entente serve`
}

/**
 * What is known of a partner where nobody dials it.
 * @param barred why nothing goes to it or nothing of it is admitted, which stands in the files as well
 */
export const sayNotDialled = (
  nowMs: number,
  { inSyncAtMs, barred }: { inSyncAtMs: number | null; barred: string | null },
): string => {
  const last =
    inSyncAtMs === null
      ? 'never proven in sync'
      : `last proven in sync ${ago(nowMs - inSyncAtMs)} ago`
  return `not running here; ${barred ?? last}`
}
