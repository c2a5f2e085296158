import { join } from 'node:path'

/** Where things lie in a node's folder. */
export interface NodePaths {
  readonly config: string
  readonly keys: string
  readonly database: string
  /** Size of the log, outside the database and its backups. */
  readonly head: string
  readonly roster: string
  /** The root's word on the log, made by `init`; it goes into leaf 0. */
  readonly genesisSeal: string
  readonly lock: string
  /** Local socket of the running node. */
  readonly socket: string
}

export function pathsOf(folder: string): NodePaths {
  return {
    config: join(folder, 'config.json'),
    keys: join(folder, 'keys'),
    database: join(folder, 'entente.db'),
    head: join(folder, 'log-head'),
    roster: join(folder, 'roster.json'),
    genesisSeal: join(folder, 'genesis-seal.jws'),
    lock: join(folder, 'lock.db'),
    socket: join(folder, 'control.sock'),
  }
}
