import { giveAcknowledgement } from '../acknowledge/give-acknowledgement.ts'
import type { Deps, Partner } from '../deps.ts'

/** Our signed word on a feed of a partner, or none. Inside the transaction that admits something of it. */
export type Acknowledge = (partner: Partner, feed: string) => string

/** One node of a nation acknowledges for it: what the others say to partners of what they admit is nothing. */
export const acknowledgeFor =
  (deps: Deps): Acknowledge =>
  (partner, feed) =>
    deps.isReceiver ? giveAcknowledgement(deps, partner, feed) : ''
