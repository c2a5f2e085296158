import type { StatementFrame } from '@entente/node/testing'
import type { Fragment, Nation, Opening } from '@entente/schema'
import type { Federation } from '../support/federation.ts'
import {
  createHostileSender,
  fragmentOf,
  type HostileSender,
  type Logged,
  putOf,
} from '../support/hostile-sender.ts'
import { openReceiver, type Receiver, refusalOf } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'

/** The USA, which signs whatever it likes, and the GBR's real door in, through which one honest release has come. */
export interface Stage extends Disposable {
  readonly federation: Federation
  readonly atMs: number
  readonly usa: HostileSender
  readonly gbr: Receiver
  /** The release that GBR has admitted. */
  readonly first: {
    readonly logged: Logged
    readonly fragment: Fragment
    readonly opening: Opening
  }
  /** Another log under the same keys, with a policy and a release of its own. */
  readonly shadow: (witnesses?: readonly Nation[], atMs?: number) => HostileSender
  /** Logs a release of a new record in the next place, with whatever else it says. */
  readonly release: (change?: Readonly<Record<string, unknown>>, by?: HostileSender) => Told
  /** Sends one frame. @returns the code with which it, or its body, is refused; null when it is admitted */
  readonly send: (told: Told, parts?: Partial<StatementFrame>, by?: HostileSender) => string | null
}

export interface Told {
  readonly logged: Logged
  readonly fragment: Fragment
  readonly opening: Opening
}

export function openStage(federation: Federation, atMs: number): Stage {
  const gbr = openReceiver(federation.folder('GBR'), () => atMs)
  const shadow: Stage['shadow'] = (witnesses = ['GBR'], at = atMs) => {
    const sender = createHostileSender(federation, 'USA', 'GBR', at, witnesses)
    sender.logPolicy(livePolicy('USA'))
    return sender
  }
  const usa = shadow()
  const release: Stage['release'] = (change = {}, by = usa) => {
    const fragment = fragmentOf('USA', { title: 'canary', supplier: 'Works' })
    const opening = putOf(fragment)
    const payload = { ...by.release([opening]), ...change }
    return { logged: by.log('release', payload), fragment, opening }
  }
  const heldSize = () =>
    (gbr.db.prepare('SELECT MAX(size) AS size FROM partner_checkpoint').get()?.['size'] ??
      0) as number
  const send: Stage['send'] = ({ logged, fragment, opening }, parts = {}, by = usa) => {
    const baseSize = heldSize()
    const base = baseSize > by.size() ? 0 : baseSize
    const honest = { baseSize: base, openings: [opening], bodies: [fragment] }
    const frame = by.frame(logged, { ...honest, ...parts })
    const shown = JSON.stringify(gbr.state()['view'])
    const refusal = refusalOf(() => gbr.admission.statement(gbr.partner('USA'), frame))
    const quarantined = gbr.db.prepare('SELECT code FROM quarantine').get()?.['code']
    const code = refusal ?? (quarantined as string | undefined) ?? null
    if (code !== null && JSON.stringify(gbr.state()['view']) !== shown)
      throw new Error(`refused as ${code}, and shown all the same`)
    return code
  }
  const first = release()
  usa.follow(first.logged)
  const refusal = send(first)
  if (refusal !== null) throw new Error(`the honest release is refused: ${refusal}`)
  return {
    federation,
    atMs,
    usa,
    gbr,
    first,
    shadow,
    release,
    send,
    [Symbol.dispose]: () => gbr[Symbol.dispose](),
  }
}
