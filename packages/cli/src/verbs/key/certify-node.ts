import { certifyNodeRequest, readSigner } from '@entente/node'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const keyCertifyNodeVerb = defineVerb({
  name: 'key certify-node',
  arguments: '<request>',
  purpose: 'Certify a further node of the nation, from the request that `init --join` made.',
  options: [{ flags: '--root <file>', purpose: 'root key of the nation (PEM)' }],
  example: 'key certify-node NOR.laptop.node-request.json --root NOR.root.pem',
  next: 'a new roster: entente roster build, every nation entente roster sign, then entente roster install, at the new node as well',
  input: z.strictObject({
    request: z.string(),
    root: z.string({ error: 'name the root key with --root' }),
  }),
  run: ({ folder }, { request, root }) => {
    const made = certifyNodeRequest(folder, readSigner(root), request)
    const { name, role, serial, peerId, nationFilePath, genesisSealPath } = made
    return {
      json: { ...made },
      text: [
        `Certificate ${serial}: ${name}, peer ${peerId}, ${role === 'node' ? 'with a log of its own' : 'which only drafts'}`,
        ...(genesisSealPath === null
          ? []
          : [`Put ${genesisSealPath} into the folder of the new node before it first serves.`]),
        `Next: build a roster with ${nationFilePath} under a higher --number, have every nation sign it, install it at every node.`,
      ].join('\n'),
    }
  },
})
