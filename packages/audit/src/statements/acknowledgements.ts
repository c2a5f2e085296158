import {
  Acknowledgement,
  acknowledgementType,
  keyBytes,
  type Nation,
  type NodeCertificate,
  openJws,
  peekJws,
  type Verify,
} from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { Trust } from '../trust.ts'
import type { Leaves } from './leaves.ts'
import { digestJws } from './open-leaf.ts'

/** An acknowledgement whose signature verifies. */
export interface SignedAck {
  readonly jws: string
  readonly ack: Acknowledgement
}

/** The acknowledgements that one nation shows. */
export interface Acks {
  readonly given: readonly SignedAck[]
  readonly received: readonly SignedAck[]
  /** False when one was refused: then none can be said to be missing. */
  readonly complete: boolean
}

/** Step 10, one bundle: each acknowledgement is signed by its nation, and an `ack` leaf commits to it. */
export function openAcks(bundle: Bundle, leaves: Leaves, trust: Trust, found: AddFinding): Acks {
  const committed = { given: new Set<string>(), received: new Set<string>() }
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'ack') continue
    for (const digest of leaf.statement.given) committed.given.add(digest)
    for (const digest of leaf.statement.received) committed.received.add(digest)
  }
  let complete = true
  const open = (side: 'given' | 'received', rows: readonly { readonly jws: string }[]) =>
    rows.flatMap(({ jws }) => {
      try {
        const ack = openAck(jws, side, bundle.manifest.nation, trust)
        if (leaves.unread === 0 && !committed[side].has(digestJws(jws, trust.hash)))
          found(
            'ACK_NOT_COMMITTED',
            `${side}: ${ack.by} to ${ack.to}, feed ${ack.feed} to ${ack.seq}`,
          )
        return [{ jws, ack }]
      } catch (error) {
        complete = false
        found('ACK_SIGNATURE', `${side}: ${reasonOf(error)}`)
        return []
      }
    })
  const given = open('given', bundle.acksGiven)
  const received = open('received', bundle.acksReceived)
  return { given, received, complete }
}

function openAck(
  jws: string,
  side: 'given' | 'received',
  nation: Nation,
  { logs, verify }: Trust,
): Acknowledgement {
  const claimed = Acknowledgement.parse(peekJws(jws).payload)
  const signer = logs.get(claimed.by)
  if (signer === undefined) throw new RangeError(`there are no keys of ${claimed.by}`)
  if (nation !== (side === 'given' ? claimed.by : claimed.to))
    throw new RangeError(`${nation} shows an acknowledgement of ${claimed.by} to ${claimed.to}`)
  openWithAny(jws, signer.member.nodes, verify)
  return claimed
}

/** An acknowledgement is no leaf, so no index says which of the nation's keys signed it. */
function openWithAny(jws: string, nodes: readonly NodeCertificate[], verify: Verify): void {
  const keys = [...new Set(nodes.map(({ key }) => key))]
  for (const [i, key] of keys.entries())
    try {
      openJws(jws, acknowledgementType, keyBytes(key), verify)
      return
    } catch (error) {
      if (i === keys.length - 1) throw error
    }
}

/** The furthest of several acknowledgements of one feed; null when there is none. */
export function latestOf(acks: readonly SignedAck[]): SignedAck | null {
  let latest: SignedAck | null = null
  for (const one of acks)
    if (
      latest === null ||
      one.ack.seq > latest.ack.seq ||
      (one.ack.seq === latest.ack.seq && one.ack.at > latest.ack.at)
    )
      latest = one
  return latest
}
