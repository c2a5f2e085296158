import {
  Acknowledgement,
  acknowledgementType,
  JwsError,
  openJws,
  peekJws,
  signJws,
} from '@entente/schema'
import type { Deps } from '../deps.ts'

/** Signs our last word on each feed again where an older key than `newest` has signed it. */
export function renewAcknowledgements(deps: Deps, newest: Uint8Array): void {
  const { db, clock, verify } = deps
  const put = db.prepare('UPDATE ack_given SET jws = ? WHERE feed = ?')
  const isOld = (jws: string): boolean => {
    try {
      openJws(jws, acknowledgementType, newest, verify)
      return false
    } catch (error) {
      if (error instanceof JwsError) return true
      throw error
    }
  }
  for (const row of db.prepare('SELECT feed, jws FROM ack_given').all()) {
    const jws = row['jws'] as string
    if (!isOld(jws)) continue
    const ack = Acknowledgement.parse(peekJws(jws).payload)
    const again = signJws(acknowledgementType, { ...ack, at: clock.nowMs() }, deps.signStatement)
    put.run(again, row['feed'] as string)
  }
}
