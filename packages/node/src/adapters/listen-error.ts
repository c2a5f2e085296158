import { NodeError } from '../errors.ts'

/** What libp2p says of each address that it could not listen on, under one error of its own. */
const LINE = /^\s+(\/\S+): .*?\b(E[A-Z]{4,})\b/gm

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program, or by this node in another terminal: stop that one',
  EADDRNOTAVAIL: 'is no address of this computer',
  EACCES: 'may not be used by this account: ports below 1024 are for others',
}

/** The same with a code, the addresses and what to do; any other error as it is. */
export function listenError(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'UnsupportedListenAddressesError') return error
  const said = [...error.message.matchAll(LINE)].map(
    ([, address, reason = '']) => `${address} ${reasons[reason] ?? `(${reason})`}`,
  )
  return new NodeError(
    'ADDRESS_UNUSABLE',
    `this node cannot listen: ${said.join('; ') || 'its addresses are not usable'}. Where it listens stands in config.json (listen)`,
    { cause: error },
  )
}
