import { lockFolder, pathsOf, serveControl } from '@entente/node'
import { z } from 'zod'
import { EXIT } from '../exit-codes.ts'
import { defineVerb } from '../verb.ts'

export const serveVerb = defineVerb({
  name: 'serve',
  purpose: 'Run the node until it is told to stop (SIGTERM or Ctrl-C).',
  options: [
    { flags: '--alone', purpose: 'go on although no partner has confirmed the log’s head' },
  ],
  example: 'serve --folder ./nor',
  next: 'in another terminal: entente status',
  input: z.strictObject({ alone: z.boolean().default(false) }),
  run: async ({ folder, io, json, say }, { alone }) => {
    using _lock = lockFolder(folder)
    const stopped = io.stopped()
    await using node = await io.openNode({ folder, network: true, alone })
    await using _socket = await serveControl(node, pathsOf(folder).socket)
    const { ports, words, exercise } = await node.status()
    // Said at once: whoever started this process waits for the line.
    if (json) io.out(`${JSON.stringify({ serving: node.nation, ports, words })}\n`)
    else {
      const banner = exercise === null ? '' : `${exercise}\n`
      io.out(`${banner}${node.nation} serves on ${ports.join(', ') || 'no port'}: ${words}\n`)
    }
    const signal = await stopped
    if (!json) say('stopping …')
    const exit = signal === 'SIGINT' ? EXIT.interrupted : EXIT.done
    return { json: null, text: '', exit }
  },
})
