import type { Deps } from '../deps.ts'
import type { Transport } from '../ports/transport.ts'
import { askWitness, type WitnessResponse } from './witness-client.ts'
import { askWitnessHttp } from './witness-http-client.ts'
import { type NamedWitness, witnessesOf } from './witness-set.ts'

/** A witness of this node's log that can be asked, wherever it is. */
export interface WitnessTarget extends NamedWitness {
  /** @param request as in the stream protocol: `POST /add-checkpoint…` or `GET /<hash>/checkpoint` */
  readonly ask: (request: string, signal: AbortSignal) => Promise<WitnessResponse>
}

/** Nations are asked over their own stream, neutral witnesses over HTTP; without a transport nobody is, and bundles ask. */
export function witnessTargets(
  { nation, roster, partners }: Pick<Deps, 'nation' | 'roster' | 'partners'>,
  transport: Transport | null,
): readonly WitnessTarget[] {
  const peers = new Map<string, string>(
    [...partners.values()].map((partner) => [partner.nation, partner.certificate.peerId]),
  )
  return witnessesOf(nation, roster).flatMap((witness): WitnessTarget[] => {
    const { name, url } = witness
    if (transport === null)
      return [{ ...witness, ask: () => Promise.reject(new Error('this node has no network')) }]
    if (url !== null)
      return [{ ...witness, ask: (request, signal) => askWitnessHttp(url, request, signal) }]
    const peerId = peers.get(name)
    if (peerId === undefined) return []
    return [
      { ...witness, ask: (request, signal) => askWitness(transport, peerId, request, { signal }) },
    ]
  })
}
