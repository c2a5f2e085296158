import type { HttpServer, NodeApi } from '@entente/node'
import { EXIT } from './exit-codes.ts'
import type { Session } from './session.ts'
import type { Outcome } from './verb.ts'

/** Keeps a server up until the process is told to stop. Where it listens is said at once: whoever started the process waits for it. */
export async function serveUntilStopped(
  { atNode, io, json, say }: Session,
  open: (api: NodeApi) => Promise<HttpServer>,
  words: (url: string, api: NodeApi) => string,
): Promise<Outcome> {
  const stopped = io.stopped()
  const signal = await atNode(async (api) => {
    await using server = await open(api)
    const { url } = server
    io.out(json ? `${JSON.stringify({ serving: url })}\n` : `${words(url, api)}\n`)
    return await stopped
  })
  if (!json) say('stopping …')
  return { json: null, text: '', exit: signal === 'SIGINT' ? EXIT.interrupted : EXIT.done }
}
