import { type Nation, type PartnerChange, peekJws, signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { revokedPartners } from './pairing-store.ts'

/**
 * Logs who has been cut off, and who has been paired anew since, as far as the log does not say so yet. Cutting off itself never waits for
 * this: a node that may not sign has hung up all the same.
 * @returns whether there was something to log
 */
export function sealPartnerChanges(deps: Deps, log: ReleaseLog): boolean {
  const { db, clock, origin, randomBytes } = deps
  const said = new Map<Nation, PartnerChange>()
  for (const row of db
    .prepare("SELECT jws FROM statement WHERE kind = 'partner' AND jws IS NOT NULL ORDER BY idx")
    .all()) {
    const payload = peekJws(row['jws'] as string).payload as PartnerChange
    if (payload.origin === origin) said.set(payload.partner, payload)
  }
  const revoked = revokedPartners(db)
  const atMs = Math.max(clock.nowMs(), log.lastAtMs())
  const common = { origin, at: atMs }
  const changes: readonly PartnerChange[] = [
    ...revoked
      .filter(({ nation, root }) => {
        const last = said.get(nation)
        return last?.action !== 'revoke' || last.root !== root
      })
      .map(({ nation, root, reason }): PartnerChange => {
        return { ...common, action: 'revoke', partner: nation, root, reason }
      }),
    ...[...said.values()]
      .filter(
        ({ action, partner }) =>
          action === 'revoke' && !revoked.some(({ nation }) => nation === partner),
      )
      .map(({ partner, root }): PartnerChange => {
        return { ...common, action: 'restore', partner, root, reason: 'paired anew' }
      }),
  ]
  if (changes.length === 0) return false
  db.transact(() => {
    log.append(
      changes.map((payload) => ({
        kind: 'partner',
        jws: signJws(statementType('partner'), payload, deps.signStatement),
        salt: randomBytes(32),
        atMs,
        feed: null,
        seq: null,
      })),
    )
  })
  log.noteHead()
  return true
}
