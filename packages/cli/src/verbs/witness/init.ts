import { initWitness } from '@entente/node'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const witnessInitVerb = defineVerb({
  name: 'witness init',
  arguments: '<dir>',
  purpose:
    'Make a neutral witness, which belongs to no nation: its key, and nothing cosigned yet. It needs no node.',
  options: [{ flags: '--name <name>', purpose: 'as a URL without https://, in every cosignature' }],
  example: 'witness init ./neutral --name witness.neutral.example',
  next: 'entente roster build … --witness NAME,VKEY,URL; all sign; entente witness serve DIR --roster FILE',
  input: z.strictObject({
    dir: z.string(),
    name: z
      .string({ error: 'name the witness with --name' })
      .regex(
        /^(?!\w+:\/\/)[^\s,+]{4,100}$/,
        'is no witness name: 4 to 100 characters, no space, comma or +, no https:// before it',
      ),
  }),
  run: (_, { dir, name }) => {
    const witness = initWitness(dir, name)
    return {
      json: { folder: dir, ...witness },
      text: `${dir}: the witness ${name}, whose key is\n${witness.key}\nNext: nations put it into their roster: roster build … --witness ${name},${witness.key},URL`,
      exercise: null,
    }
  },
})
