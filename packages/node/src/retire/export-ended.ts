import { toHex } from '@entente/schema'
import { parseBase64 } from '@entente/tlog'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { exportBundle } from '../export/export-bundle.ts'
import { publishedLog } from '../log/published-log.ts'
import { createReleaseLog } from '../log/release-log.ts'
import type { Progress } from '../node-api.ts'
import { endedLogs, openEndedLog } from './ended-log.ts'

/**
 * Writes the auditor's bundle of a log that has ended, as far as it can be shown. What this node holds of partners stands in the bundle
 * of the log that goes on.
 * @throws {NodeError} `LOG_UNKNOWN`, `FOLDER_NOT_EMPTY`
 */
export function exportEnded(
  deps: Deps,
  request: {
    readonly log: number
    readonly directory: string
    readonly withContent: boolean
    readonly exercise: string | undefined
  },
  progress?: Progress,
): { files: number; leaves: number } {
  const logs = endedLogs(deps.db)
  const ended = logs.find(({ epoch }) => epoch === request.log)
  if (ended === undefined)
    throw new NodeError(
      'LOG_UNKNOWN',
      logs.length === 0
        ? 'no log of this node has ended'
        : `logs of this node that have ended: ${logs.map(({ epoch, origin }) => `${epoch} (${origin})`).join(', ')}`,
    )
  using all = openEndedLog(deps.db.path, ended.epoch, Number.MAX_SAFE_INTEGER)
  const logOf = (db: typeof all) =>
    createReleaseLog({
      db,
      clock: deps.clock,
      headFile: { read: () => null, write: () => {} },
      origin: ended.origin,
      signer: deps.logSigner,
      hash: deps.hash,
    })
  const whole = logOf(all)
  const isShown =
    ended.note !== '' &&
    ended.size <= whole.head().size &&
    toHex(whole.rootAt(ended.size)) === toHex(parseBase64(ended.root, 'HASH_LENGTH'))
  const published = isShown ? { size: ended.size, note: ended.note } : publishedLog(all)
  using db = openEndedLog(deps.db.path, ended.epoch, published.size)
  const former: Deps = { ...deps, db, origin: ended.origin }
  return exportBundle(former, logOf(db), { published: () => published }, request, progress)
}
