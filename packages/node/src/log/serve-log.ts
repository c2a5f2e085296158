import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of log files that runs. */
export interface LogServer extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:8080/`. */
  readonly url: string
}

/**
 * Serves the files of a log over HTTP, read only: the checkpoint as text that is not to be kept, tiles and entry bundles as bytes
 * that never change. Anything else is 404, another method than GET or HEAD 405; what the log cannot answer now is 503.
 * @param read a file by its path below the log; null when there is none
 * @see C2SP tlog-tiles
 */
export async function serveLog(
  read: (path: string) => Promise<Uint8Array | null>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<LogServer> {
  const server = createServer((request, response) => {
    void answer(request, response, read)
  })
  // Nobody holds a connection by sending slowly.
  server.requestTimeout = 10_000
  server.headersTimeout = 10_000
  server.maxRequestsPerSocket = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { address, port: taken, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  { method = '', url = '' }: IncomingMessage,
  response: ServerResponse,
  read: (path: string) => Promise<Uint8Array | null>,
): Promise<void> {
  const say = (status: number, words: string) =>
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${words}\n`)
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return void say(405, 'this log is only read')
  }
  const path = url.slice(1)
  try {
    const bytes = await read(path)
    if (bytes === null) return void say(404, 'the log has no such file')
    const isCheckpoint = path === 'checkpoint'
    response.writeHead(200, {
      'content-type': isCheckpoint ? 'text/plain; charset=utf-8' : 'application/octet-stream',
      'content-length': bytes.length,
      'cache-control': isCheckpoint ? 'no-cache' : 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
    response.end(method === 'HEAD' ? undefined : bytes)
  } catch {
    say(503, 'the log cannot be read now')
  }
}
