import type { DraftingCertificate, NodeCertificate } from './certificate.ts'
import type { Revocation } from './key-validity.ts'

/** Whether a certificate is of the node that receives and cosigns for its nation, and releases what nobody else was handed. */
export const isMainNode = ({ roles }: NodeCertificate): boolean =>
  roles === undefined || roles.includes('witness')

/** The newest certificate of the nation's main node; undefined where there is none. @param nodes by rising serial */
export const mainNodeOf = (nodes: readonly NodeCertificate[]): NodeCertificate | undefined =>
  nodes.findLast(isMainNode)

/**
 * The newest certificate of each further node with a log of its own, without those whose key has been revoked.
 * @param nodes all node certificates of the nation, by rising serial
 */
export function furtherNodesOf(
  nodes: readonly NodeCertificate[],
  revocations: readonly Revocation[],
): readonly NodeCertificate[] {
  const newest = new Map<string, NodeCertificate>()
  for (const node of nodes) if (!isMainNode(node)) newest.set(node.peerId, node)
  return [...newest.values()].filter(({ key }) => !isRevoked(key, revocations))
}

/** Drafting nodes that still count. */
export const draftingNodesOf = (
  nodes: readonly DraftingCertificate[],
  revocations: readonly Revocation[],
): readonly DraftingCertificate[] => {
  const newest = new Map(nodes.map((node) => [node.peerId, node]))
  return [...newest.values()].filter(({ key }) => !isRevoked(key, revocations))
}

const isRevoked = (key: string, revocations: readonly Revocation[]): boolean =>
  revocations.some((revocation) => revocation.key === key)

/**
 * What is wrong with the nodes of one nation beside each other: a peer, log or key is of one node, whose roles go together. Null
 * where nothing is.
 */
export function nodesFault(
  nodes: readonly NodeCertificate[],
  drafting: readonly DraftingCertificate[],
): string | null {
  for (const { serial, roles } of nodes)
    if (roles !== undefined && roles.includes('witness') !== roles.includes('receiver'))
      return `node certificate ${serial} separates receiver and witness, which one node is`
  // The main node may have been replaced by another machine; what a further one is called is its own.
  const owners = new Map<string, string>()
  const named = [
    ...nodes.map((node) => ({
      owner: isMainNode(node) ? 'the main node' : `peer ${node.peerId}`,
      serial: node.serial,
      names: [`peer ${node.peerId}`, `log ${node.origin}`, `key ${node.key}`],
    })),
    ...drafting.map((node) => ({
      owner: `drafting peer ${node.peerId}`,
      serial: node.serial,
      names: [`peer ${node.peerId}`, `key ${node.key}`],
    })),
  ]
  for (const { owner, serial, names } of named)
    for (const name of names) {
      const before = owners.get(name) ?? owner
      if (before !== owner)
        return `node certificate ${serial} names what is of another node of the nation already: ${name}`
      owners.set(name, owner)
    }
  return null
}
