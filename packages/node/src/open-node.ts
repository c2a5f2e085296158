import type { NodeOptions, RunningNode } from './node.ts'

/**
 * Opens a node. The ledger and the network are loaded only now: a verb that asks a running node does without them.
 * @throws SetupError, RosterError, DatabaseError, {NodeError} `NO_ROSTER`, `NOT_IN_ROSTER`
 */
export async function openNode(options: NodeOptions): Promise<RunningNode> {
  const node = await import('./node.ts')
  return node.openNode(options)
}
