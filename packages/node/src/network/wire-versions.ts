import type { Channel, Transport } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'

/**
 * Versions of the protocol between nodes that this one speaks. They are agreed per link: the newest that both sides speak. A change that
 * the version before cannot read gets a new number here, and the old one stays for as long as partners may speak it.
 */
const WIRE_VERSIONS: readonly number[] = [1]

/** Nothing can be said: the two sides have no version in common. */
export class WireVersionError extends TransportError {
  readonly ours: readonly number[]
  /** Empty: the peer does not say which it speaks. */
  readonly theirs: readonly number[]
  constructor(peerId: string, ours: readonly number[], theirs: readonly number[], cause: unknown) {
    super('WIRE_VERSION', `peer ${peerId} ${sayBoth(ours, theirs)}`, { cause })
    this.ours = [...ours].sort((a, b) => a - b)
    this.theirs = [...theirs].sort((a, b) => a - b)
  }
}

/** In words, for a named partner: who speaks what, and who has to do something. */
export function sayWireTrouble(
  nation: string,
  { ours, theirs }: Pick<WireVersionError, 'ours' | 'theirs'>,
): string {
  const later = theirs.length > 0 && Math.max(...theirs) > Math.max(...ours)
  const who = theirs.length === 0 ? 'one of us' : later ? 'we' : nation
  return `${nation} ${sayBoth(ours, theirs)} of the protocol between nodes: ${who} must upgrade`
}

const sayBoth = (ours: readonly number[], theirs: readonly number[]): string =>
  theirs.length === 0
    ? `does not speak version ${sayVersions(ours)}`
    : `speaks version ${sayVersions(theirs)}, we ${sayVersions(ours)}`

/** `1`, `2..3`, `1, 3`. */
export function sayVersions(versions: readonly number[]): string {
  const spans: [number, number][] = []
  for (const version of [...new Set(versions)].sort((a, b) => a - b)) {
    const last = spans.at(-1)
    if (last?.[1] === version - 1) last[1] = version
    else spans.push([version, version])
  }
  return spans.map(([from, to]) => (from === to ? `${from}` : `${from}..${to}`)).join(', ')
}

/** Name of a stream in a version of the protocol: `/entente/feed/1` → `/entente/feed/2`. */
const atVersion = (protocol: string, version: number): string =>
  `${protocol.slice(0, protocol.lastIndexOf('/'))}/${version}`

/** The versions in which a peer serves a stream, by the names of all that it serves. */
function versionsOf(protocol: string, served: readonly string[]): readonly number[] {
  const name = protocol.slice(0, protocol.lastIndexOf('/') + 1)
  return served.flatMap((each) => {
    const version = each.startsWith(name) ? each.slice(name.length) : ''
    return /^[1-9]\d{0,3}$/.test(version) ? [Number(version)] : []
  })
}

/**
 * A network on which streams are named without a version: each is served in every version that this node speaks, and opened in the newest
 * that the other side serves.
 * @throws {WireVersionError} from `open`: there is none
 */
export function negotiating(
  transport: Transport,
  versions: readonly number[] = WIRE_VERSIONS,
): Transport {
  const ours = [...versions].sort((a, b) => b - a)
  return {
    ...transport,
    handle: async (protocol, handler) => {
      for (const version of ours) await transport.handle(atVersion(protocol, version), handler)
    },
    open: async (peerId, protocol, options): Promise<Channel> => {
      let refused: unknown
      for (const version of ours)
        try {
          return await transport.open(peerId, atVersion(protocol, version), options)
        } catch (error) {
          if (!(error instanceof TransportError) || error.code !== 'PROTOCOL_UNSUPPORTED')
            throw error
          refused = error
        }
      const served = await transport.serves(peerId).catch(() => [])
      const theirs = versionsOf(protocol, served)
      // It speaks ours by its own word, and does not serve this stream now.
      if (theirs.some((version) => ours.includes(version))) throw refused
      throw new WireVersionError(peerId, ours, theirs, refused)
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}
