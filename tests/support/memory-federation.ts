import { loadNodeFolder, type NodeOptions } from '@entente/node'
import { createMemoryNetwork, type MemoryNetwork, partnersOf } from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import type { Federation } from './federation.ts'

/** A network inside this process for the nodes of a federation. */
export interface MemoryLines {
  readonly network: MemoryNetwork
  /** For `openServing` and `Federation.open`. */
  readonly options: (nation: Nation) => Partial<NodeOptions>
}

export function createMemoryLines(federation: Federation): MemoryLines {
  const network = createMemoryNetwork()
  return {
    network,
    options: (nation) => ({
      transport: (seed) => {
        const { roster } = loadNodeFolder(federation.folder(nation))
        const partners = roster === null ? [] : [...partnersOf(roster, nation).values()]
        const peers = partners.map(({ certificate }) => ({
          peerId: certificate.peerId,
          addresses: [],
        }))
        return network.transport(seed, peers)
      },
    }),
  }
}
