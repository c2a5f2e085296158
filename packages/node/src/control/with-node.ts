import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeApi } from '../node-api.ts'
import { pathsOf } from '../setup/paths.ts'
import { connectControl } from './connect-control.ts'
import { ControlError } from './control-error.ts'
import { lockFolder } from './folder-lock.ts'

/** Opens the node of a folder in this process; the caller holds the folder's lock. */
export type OpenNode = (options: {
  readonly folder: string
  readonly network: boolean
}) => Promise<NodeApi & AsyncDisposable>

/** A node that is starting or a verb that is ending holds the lock for a moment without answering. */
const TRIES = 50
const PAUSE_MS = 100

/**
 * Does one piece of work at a node: at the running one, or, when none runs, at one opened here under the lock, without
 * network.
 * @throws {ControlError} `FOLDER_IN_USE` when another process holds the folder for 5 s and does not answer
 */
export async function withNode<T>(
  folder: string,
  openNode: OpenNode,
  work: (api: NodeApi) => Promise<T>,
): Promise<T> {
  const taken = await takeNode(folder)
  if (!(Symbol.dispose in taken)) return work(taken)
  using _lock = taken
  await using node = await openNode({ folder, network: false })
  return await work(node)
}

/** The running node, or the lock. */
async function takeNode(folder: string): Promise<NodeApi | Disposable> {
  for (let tries = 1; ; tries++) {
    const running = await connectControl(pathsOf(folder).socket)
    if (running !== null) return running
    try {
      return lockFolder(folder)
    } catch (error) {
      const inUse = error instanceof ControlError && error.code === 'FOLDER_IN_USE'
      if (!inUse || tries === TRIES) throw error
      await sleep(PAUSE_MS)
    }
  }
}
