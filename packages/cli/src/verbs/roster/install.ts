import { installRoster, loadOwn, lockFolder, selfOf } from '@entente/node'
import { z } from 'zod'
import { readJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const rosterInstallVerb = defineVerb({
  name: 'roster install',
  arguments: '<file>',
  purpose: 'Trust a roster that every nation has signed. The node must not be running.',
  example: 'roster install roster.json',
  next: 'entente serve',
  input: z.strictObject({ file: z.string() }),
  run: ({ folder }, { file }) => {
    const own = loadOwn(folder)
    using _lock = lockFolder(folder)
    const { members, witnessPolicy } = installRoster(
      own.rosterPath,
      readJsonFile(file),
      selfOf(own),
    )
    const nations = [...members.keys()]
    return {
      json: { nations, number: witnessPolicy.number, quorum: witnessPolicy.quorum },
      text: `Roster ${witnessPolicy.number} is in force: ${nations.join(', ')}. You share nothing yet.\nNext: entente serve`,
    }
  },
})
