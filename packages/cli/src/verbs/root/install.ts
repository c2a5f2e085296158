import { connectControl, installAnswer, installSuccession, pathsOf } from '@entente/node'
import { keyBytes, NationFile } from '@entente/schema'
import { z } from 'zod'
import { readText } from '../../files.ts'
import { fingerprintWords } from '../../fingerprint.ts'
import { defineVerb, type Outcome } from '../../verb.ts'

export const rootInstallVerb = defineVerb({
  name: 'root install',
  arguments: '<file>',
  purpose:
    'Take in, at the node, what the root has signed of the request that this node made, or the nation file under a root that succeeds it.',
  example: 'root install gbr.csr.signed',
  next: 'a new roster: entente roster build, every nation entente root sign, then entente roster install',
  input: z.strictObject({ file: z.string() }),
  run: async ({ folder, atNode }, { file }) => {
    const succeeded = nationFileIn(readText(file))
    if (succeeded !== null) return succession(folder, succeeded)
    const { request, answer, nationFilePath, revocations, handover } = installAnswer(
      folder,
      readText(file),
    )
    const words = fingerprintWords(keyBytes(answer.root))
    const running = await connectControl(pathsOf(folder).socket)
    if (revocations.length > 0) await running?.revocationTake({ seals: revocations })
    const logged =
      handover === null ? null : (await atNode((api) => api.logHandover(handover))).index
    const isFirst = request.documents.some(({ type }) => type === 'entente-genesis-seal')
    return {
      json: {
        nation: request.nation,
        nationFile: nationFilePath,
        root: answer.root,
        words,
        documents: request.documents.length,
        handover: logged,
      },
      text: [
        `The root of ${request.nation} has signed ${request.documents.length} document${request.documents.length === 1 ? '' : 's'}, word for word what this node asked.`,
        `Its fingerprint: ${words}${isFirst ? ' (compare it with the words that entente root init has shown)' : ''}`,
        ...(revocations.length === 0
          ? []
          : [
              running === null
                ? 'The revocation counts from the next start of this node on.'
                : 'The running node has told the partners it reaches of the revocation, and they tell theirs.',
            ]),
        ...(logged === null
          ? [`Next: ${nationFilePath} goes into the next roster (entente roster build).`]
          : [
              `Leaf ${logged} is the last of this log.`,
              'Next: wait until entente status says that all is published, stop the node, then entente log retire',
            ]),
      ].join('\n'),
    }
  },
})

/** What `root succeed` wrote; null: it is an answer. */
function nationFileIn(text: string): NationFile | null {
  try {
    return NationFile.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

function succession(folder: string, file: NationFile): Outcome {
  const { nation, nationFilePath, words } = installSuccession(folder, file)
  const fingerprint = fingerprintWords(keyBytes(file.root))
  return {
    json: {
      nation,
      nationFile: nationFilePath,
      root: file.root,
      words: fingerprint,
      successions: words,
    },
    text: [
      `${nationFilePath} is signed by the new root of ${nation} now, ${fingerprint}.`,
      'It is in force nowhere before every root, the new one of this nation among them, has signed a roster with it; until then partners believe the old root alone.',
      `Next: entente roster build ${nationFilePath} ... under a higher --number, then at this node entente partner sign ROSTER --root FILE: partners hear of it in band`,
    ].join('\n'),
  }
}
