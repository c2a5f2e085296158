import { signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from './release-log.ts'

/**
 * Begins a log: leaf 0 says whose it is.
 * @param seal the root's word on this log; a folder made before there were seals has none, which auditors report
 */
export function sealGenesis(deps: Deps, log: ReleaseLog, seal: string | null): void {
  const at = deps.clock.nowMs()
  const jws = signJws(
    statementType('genesis'),
    { origin: deps.origin, at, nation: deps.nation, ...(seal !== null && { seal }) },
    deps.signStatement,
  )
  deps.db.transact(() => {
    log.append([
      { kind: 'genesis', jws, salt: deps.randomBytes(32), atMs: at, feed: null, seq: null },
    ])
  })
}
