import { appendFileSync } from 'node:fs'
import { lockFolder, openNode, pathsOf, serveControl } from '@entente/node'
import { recordingTransport } from '../support/recording-transport.ts'

/** Serves a node as `entente serve` does, and writes every frame that arrives, one JSON line each: `{from, bytes}`. */
const [folder = '', captured = ''] = process.argv.slice(2)
using _lock = lockFolder(folder)
const stopped = new Promise((resolve) => process.once('SIGTERM', resolve))
await using node = await openNode({
  folder,
  network: true,
  transport: recordingTransport(folder, ({ direction, partner, bytes }) => {
    if (direction === 'out') return
    const line = { from: partner, bytes: Buffer.from(bytes).toString('base64') }
    appendFileSync(captured, `${JSON.stringify(line)}\n`)
  }),
})
await using _socket = await serveControl(node, pathsOf(folder).socket)
await stopped
