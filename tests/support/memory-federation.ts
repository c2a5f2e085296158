import { loadNodeFolder, type NodeOptions } from '@entente/node'
import { createMemoryNetwork, type MemoryNetwork } from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import type { Federation } from './federation.ts'

/** A network inside this process for the nodes of a federation. */
export interface MemoryLines {
  readonly network: MemoryNetwork
  /** For `openServing` and `Federation.open`. */
  readonly options: (nation: Nation) => Partial<NodeOptions>
  /** For `openNode` with the folder of a further node. */
  readonly optionsAt: (folder: string) => Partial<NodeOptions>
}

export function createMemoryLines(federation: Federation): MemoryLines {
  const network = createMemoryNetwork()
  const optionsAt = (folder: string): Partial<NodeOptions> => ({
    transport: (seed) => {
      const { roster, peerId } = loadNodeFolder(folder)
      const nodes = [...(roster?.members.values() ?? [])].flatMap(({ node, further }) => [
        node,
        ...further,
      ])
      const peers = nodes
        .filter((node) => node.peerId !== peerId)
        .map((node) => ({ peerId: node.peerId, addresses: [] }))
      return network.transport(seed, peers)
    },
  })
  return { network, options: (nation) => optionsAt(federation.folder(nation)), optionsAt }
}
