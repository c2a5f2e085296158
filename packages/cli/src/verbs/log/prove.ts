import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'
import { LeafIndex } from './leaf-index.ts'

export const logProveVerb = defineVerb({
  name: 'log prove',
  arguments: '<index>',
  purpose:
    'Prove that a leaf is in the published log, as a text that any verifier of C2SP tlog-proof can check.',
  options: [{ flags: '--out <file>', purpose: 'write the proof there, byte for byte' }],
  example: 'log prove 0',
  next: 'entente log show INDEX has the entry that the proof is of',
  input: z.strictObject({ index: LeafIndex, out: z.string().min(1).optional() }),
  run: async ({ atNode }, { index, out }) => {
    const found = await atNode((api) => api.logProve(index))
    if (out !== undefined) writeFileSync(out, found.proof, { flag: 'wx' })
    const text =
      out === undefined
        ? found.proof.trimEnd()
        : `${out}: leaf ${index} in the first ${found.size} of the log`
    return { json: { ...found, ...(out !== undefined && { out }) }, text }
  },
})
