import { serveLog } from '@entente/node'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { defineVerb } from '../../verb.ts'

export const logServeVerb = defineVerb({
  name: 'log serve',
  purpose:
    'Serve the published release log over HTTP, read only, to monitors and mirrors (C2SP tlog-tiles). Runs beside `entente serve`.',
  options: [{ flags: '--listen <address>', purpose: 'host:port (else 127.0.0.1:8080)' }],
  example: 'log serve --listen 127.0.0.1:8080',
  next: 'curl http://127.0.0.1:8080/checkpoint',
  input: z.strictObject({
    listen: z
      .string()
      .regex(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, 'is no host:port, such as 127.0.0.1:8080')
      .default('127.0.0.1:8080'),
  }),
  run: async ({ atNode, io, json, say }, { listen }) => {
    const { host, port } = partsOf(listen)
    const stopped = io.stopped()
    const signal = await atNode(async (api) => {
      const read = async (path: string) => {
        const bytes = await api.logFile(path)
        return bytes === null ? null : Buffer.from(bytes, 'base64')
      }
      await using server = await serveLog(read, { host, port })
      // Said at once: whoever started this process waits for the line.
      io.out(
        json
          ? `${JSON.stringify({ serving: server.url })}\n`
          : `the log of ${api.nation} at ${server.url}checkpoint\n`,
      )
      return await stopped
    })
    if (!json) say('stopping …')
    return { json: null, text: '', exit: signal === 'SIGINT' ? EXIT.interrupted : EXIT.done }
  },
})

function partsOf(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return { host, port: Number(address.slice(colon + 1)) }
}
