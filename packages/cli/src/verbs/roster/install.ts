import { connectControl, type NodeApi, pathsOf } from '@entente/node'
import { installByHand } from '@entente/node/by-hand'
import { Nation } from '@entente/schema'
import { z } from 'zod'
import { readJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const rosterInstallVerb = defineVerb({
  name: 'roster install',
  arguments: '<file>',
  purpose: 'Trust a roster that every nation has signed. A running node takes it at once.',
  options: [
    {
      flags: '--allow-root <nation>',
      purpose:
        'that begins anew under another root, as its own is lost or stolen: compare the key by telephone first',
      repeat: true,
    },
  ],
  example: 'roster install roster.json',
  next: 'entente serve',
  input: z.strictObject({ file: z.string(), allowRoot: z.array(Nation).max(32).default([]) }),
  run: async ({ folder }, { file, allowRoot }) => {
    const roster = readJsonFile(file)
    const running = await connectControl(pathsOf(folder).socket)
    const { nations, number, quorum } =
      running === null
        ? installAt(folder, roster, allowRoot)
        : await running.rosterInstall({ roster, allowRoots: allowRoot })
    const next = running === null ? 'entente serve' : 'entente status'
    return {
      json: { nations, number, quorum },
      text: `Roster ${number} is in force: ${nations.join(', ')}. You share nothing yet.\nNext: ${next}`,
    }
  },
})

/** Without opening the node: the roster that it has may name a log that it no longer writes. */
function installAt(
  folder: string,
  input: unknown,
  allowRoot: readonly Nation[],
): Awaited<ReturnType<NodeApi['rosterInstall']>> {
  const { members, witnessPolicy } = installByHand(folder, input, new Set(allowRoot))
  const { number, quorum } = witnessPolicy
  return { nations: [...members.keys()], number, quorum }
}
