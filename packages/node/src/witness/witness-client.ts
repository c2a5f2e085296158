import { fromUtf8, utf8 } from '@entente/schema'
import { abortable } from '../network/abortable.ts'
import type { AbortOptions, Transport } from '../ports/transport.ts'
import { witnessProtocol } from './witness.ts'

export interface WitnessResponse {
  readonly status: number
  readonly body: string
}

/** Asks a partner's witness one question. @throws TransportError, and an Error when the answer is malformed */
export async function askWitness(
  transport: Transport,
  peerId: string,
  request: string,
  options?: AbortOptions,
): Promise<WitnessResponse> {
  await using channel = await transport.open(peerId, witnessProtocol, options)
  await channel.send(utf8(request), options)
  for await (const frame of abortable(channel, options?.signal)) {
    const text = fromUtf8(frame)
    const status = /^(\d{3})\n/.exec(text)?.[1]
    if (status === undefined) break
    return { status: Number(status), body: text.slice(4) }
  }
  throw new Error('the witness gave no answer')
}
