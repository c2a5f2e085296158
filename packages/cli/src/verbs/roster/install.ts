import {
  connectControl,
  installRoster,
  loadOwn,
  lockFolder,
  type NodeApi,
  pathsOf,
  selfOf,
} from '@entente/node'
import { z } from 'zod'
import { readJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const rosterInstallVerb = defineVerb({
  name: 'roster install',
  arguments: '<file>',
  purpose: 'Trust a roster that every nation has signed. A running node takes it at once.',
  example: 'roster install roster.json',
  next: 'entente serve',
  input: z.strictObject({ file: z.string() }),
  run: async ({ folder }, { file }) => {
    const roster = readJsonFile(file)
    const running = await connectControl(pathsOf(folder).socket)
    const { nations, number, quorum } =
      running === null ? installAt(folder, roster) : await running.rosterInstall(roster)
    const next = running === null ? 'entente serve' : 'entente status'
    return {
      json: { nations, number, quorum },
      text: `Roster ${number} is in force: ${nations.join(', ')}. You share nothing yet.\nNext: ${next}`,
    }
  },
})

/** Without opening the node: the roster that it has may name a log that it no longer writes. */
function installAt(folder: string, input: unknown): Awaited<ReturnType<NodeApi['rosterInstall']>> {
  const own = loadOwn(folder)
  using _lock = lockFolder(folder)
  const { members, witnessPolicy } = installRoster(own.rosterPath, input, selfOf(own))
  const { number, quorum } = witnessPolicy
  return { nations: [...members.keys()], number, quorum }
}
