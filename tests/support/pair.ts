import type { StatementFrame } from '@entente/node/testing'
import type { Opening } from '@entente/schema'
import type { Federation } from './federation.ts'
import { createHostileSender } from './hostile-sender.ts'
import { openReceiver } from './receiver.ts'
import { livePolicy } from './scenario.ts'

/** The USA, which signs whatever it is told to, before the GBR's real door in. */
export function openPair(federation: Federation, atMs: number) {
  const gbr = openReceiver(federation.folder('GBR'), () => atMs)
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  usa.logPolicy(livePolicy('USA'))
  let baseSize = 0
  /** Releases honestly signed openings with whatever bodies. */
  const send = (
    named: readonly Opening[],
    bodies: readonly unknown[],
    change: Readonly<Record<string, unknown>> = {},
    openings: readonly Opening[] = named,
  ) => {
    const statement = usa.log('release', usa.release(named, change))
    usa.follow(statement)
    const frame: StatementFrame = usa.frame(statement, {
      baseSize,
      openings: [...openings],
      bodies: [...bodies],
    })
    baseSize = usa.size()
    return gbr.admission.statement(gbr.partner('USA'), frame)
  }
  const codes = () =>
    gbr.db
      .prepare('SELECT code FROM quarantine ORDER BY code')
      .all()
      .map(({ code }) => code)
  return { ...gbr, usa, send, codes }
}
