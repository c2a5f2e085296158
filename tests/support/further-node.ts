import { join } from 'node:path'
import {
  certifyNodeRequest,
  installRoster,
  type JoinResult,
  joinNation,
  loadOwn,
  type NodeOptions,
  openNode,
  type RunningNode,
  readSigner,
  selfOf,
} from '@entente/node'
import type { Nation } from '@entente/schema'
import type { Federation } from './federation.ts'

/** Makes a further node of a nation, which dials and is not dialled, and has its root certify it; the roster is renewed by the caller. */
export function joinFederation(
  federation: Federation,
  nation: Nation,
  name: string,
  { drafts = false }: { readonly drafts?: boolean } = {},
): JoinResult {
  const made = joinNation({
    folder: join(federation.root, `${nation}-${name}`),
    nationFile: join(federation.folder(nation), `${nation}.nation.json`),
    listen: '127.0.0.1:0',
    name,
    drafts,
    exercise: 'EXERCISE: public facts, invented labels and policies',
  })
  certifyNodeRequest(
    federation.folder(nation),
    readSigner(federation.rootKey(nation)),
    made.requestPath,
  )
  return made
}

/** Installs the newest roster in the folder of a further node, which must not run. */
export function installAt(federation: Federation, folder: string): void {
  const own = loadOwn(folder)
  installRoster(own.rosterPath, federation.roster, selfOf(own))
}

export const openAt = (folder: string, options: Partial<NodeOptions> = {}): Promise<RunningNode> =>
  openNode({ folder, network: true, ...options })
