import {
  createPassedTaker,
  lastPassed,
  noteReached,
  noteSent,
  type PassedItem,
  passedItems,
  passingName,
  unpurgedAt,
} from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import type { Federation } from './federation.ts'
import { openReceiver, type Receiver } from './receiver.ts'

/** Another node of a receiver's nation, and the way to it. */
export interface OtherNode extends Receiver {
  /**
   * Opens a stream from the receiver, and takes in what it says.
   * @param by another receiver than the usual one
   * @param change what a receiver that lies makes of each thing that it passes on; null: it keeps that to itself
   * @returns codes of what was refused, and how many statements, values and checkpoints went
   */
  readonly pass: (change?: (item: PassedItem) => PassedItem | null, by?: Receiver) => Passed
  /** Quarantined here, by code. */
  readonly codes: () => readonly string[]
  /** Recalls that the receiver knows it has not carried out. */
  readonly unpurged: () => ReturnType<typeof unpurgedAt>
}

export interface Passed {
  readonly codes: readonly string[]
  readonly statements: number
  readonly bodies: number
  readonly checkpoints: number
}

const peer = 'another node'

export function openOther(
  federation: Federation,
  nation: Nation,
  receiver: Receiver,
  nowMs: () => number,
): OtherNode {
  const other = openReceiver(federation.folder(nation), nowMs, false)
  return {
    ...other,
    codes: () =>
      other.db
        .prepare('SELECT code FROM quarantine ORDER BY code')
        .all()
        .map(({ code }) => code as string),
    unpurged: () => unpurgedAt(receiver.deps, peer),
    pass: (change = (item) => item, by = receiver) => {
      const taker = createPassedTaker(other.deps, other.admission)
      const name = passingName(by.deps)
      const from = taker.name === name ? taker.reached() : []
      taker.journal(name)
      const counts = { statements: 0, bodies: 0, checkpoints: 0 }
      const until = lastPassed(by.deps)
      noteReached(by.deps, peer, from)
      noteSent(by.deps, peer, until)
      const places = new Map(from.map(({ origin, n }) => [origin, n]))
      for (const item of passedItems(by.deps, [...by.deps.partners.values()], places, until)) {
        const said = change(item)
        if (said === null) continue
        const { frame } = said
        if (frame.t === 'head') counts.checkpoints++
        if (frame.t === 'statement') counts.statements++
        if (frame.t === 'statement') counts.bodies += frame.bodies.filter((b) => b !== null).length
        if (frame.t === 'body') counts.bodies++
        taker.item(said)
      }
      noteReached(by.deps, peer, taker.all({ t: 'all', n: until, without: [] }))
      return { codes: taker.refused().map(({ code }) => code), ...counts }
    },
    [Symbol.dispose]: () => other[Symbol.dispose](),
  }
}
