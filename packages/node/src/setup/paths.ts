import { join } from 'node:path'

/** Where things lie in a node's folder. */
export interface NodePaths {
  readonly config: string
  readonly keys: string
  readonly database: string
  /** Size of the log, outside the database and its backups. */
  readonly head: string
  /** Cosignatures counted, outside the database and its backups. */
  readonly witnessCount: string
  readonly roster: string
  /** Revocations that were heard beside the roster. */
  readonly revocations: string
  /** What this node waits for the root to sign. */
  readonly rootRequest: string
  /** The root's word on the log, made by `init`; it goes into leaf 0. */
  readonly genesisSeal: string
  readonly lock: string
  /** Local socket of the running node. */
  readonly socket: string
}

/** @param epoch which log of the node, from 1: each has a head file of its own */
export function pathsOf(folder: string, epoch = 1): NodePaths {
  return {
    config: join(folder, 'config.json'),
    keys: join(folder, 'keys'),
    database: join(folder, 'entente.db'),
    head: join(folder, epoch === 1 ? 'log-head' : `log-head-${epoch}`),
    witnessCount: join(folder, 'witness-count'),
    roster: join(folder, 'roster.json'),
    revocations: join(folder, 'revocations.json'),
    rootRequest: join(folder, 'root-request.json'),
    genesisSeal: join(folder, 'genesis-seal.jws'),
    lock: join(folder, 'lock.db'),
    socket: join(folder, 'control.sock'),
  }
}

/** File of the key of a log in `keys/`. @param epoch which log of the node, from 1 */
export const logKeyFile = (epoch: number): string => (epoch === 1 ? 'log.pem' : `log-${epoch}.pem`)
