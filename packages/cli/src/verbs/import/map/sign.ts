import { mappingSealType, parseMapping, readSigner, sealOfMapping } from '@entente/node'
import { Nation, signJws } from '@entente/schema'
import { z } from 'zod'
import { writeJsonFile } from '../../../files.ts'
import { readMapping, readSignatures, signaturesPath } from '../../../mapping-file.ts'
import { clean } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'

export const importMapSignVerb = defineVerb({
  name: 'import map sign',
  arguments: '<file>',
  purpose:
    'Sign a mapping with an authority’s key, so that the labels it gives count where they widen. Works offline.',
  options: [
    { flags: '--key <file>', purpose: 'key of a policy authority (PEM)' },
    { flags: '--nation <code>', purpose: 'nation of the authority (alpha-3)' },
  ],
  example: 'import map sign makers.yaml --key NOR.authority.pem --nation NOR',
  next: 'carry FILE and FILE.signatures.json to the node: entente import map save FILE',
  input: z.strictObject({
    file: z.string(),
    key: z.string({ error: 'name the authority’s key with --key' }),
    nation: z.string({ error: 'name the nation with --nation' }).pipe(Nation),
  }),
  run: (_, { file, key, nation }) => {
    const { text } = readMapping(file)
    const seal = sealOfMapping(nation, parseMapping(text, file))
    const { mapping, edition, digest } = seal
    const out = signaturesPath(file)
    const before = readSignatures(out)
    // Signatures of another edition or content say nothing of this one.
    const kept = before?.digest === digest ? before.signatures : []
    const signatures = [...new Set([...kept, signJws(mappingSealType, seal, readSigner(key).sign)])]
    writeJsonFile(out, { mapping, edition, digest, signatures })
    return {
      json: { file: out, ...seal, signatures: signatures.length },
      text: `${clean(out)}: ${mapping}@${edition}, signed.\nNext: entente import map save ${clean(file)}`,
    }
  },
})
