import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NodeError } from '../errors.ts'
import { createRateLimit, type Rate, TOO_OFTEN } from '../network/rate-limit.ts'

export interface HttpAddress {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** A server that listens until it is disposed. */
export interface HttpServer extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:8080/`. */
  readonly url: string
}

/** What is answered to a request; `body` is left out of the answer to HEAD. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
}

/** An answer in words. */
export const inWords = (status: number, words: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${words}\n`,
})

/**
 * Listens for requests of strangers. One that cannot be answered now gets 503, who asks too often 429; nobody holds a connection by
 * sending slowly.
 * @param rate of each address
 * @throws {NodeError} `ADDRESS_UNUSABLE`
 */
export async function listenHttp(
  answer: (request: IncomingMessage) => Promise<HttpAnswer>,
  { host, port }: HttpAddress,
  rate: Rate,
): Promise<HttpServer> {
  const limit = createRateLimit(rate)
  const limited = async (request: IncomingMessage): Promise<HttpAnswer> => {
    if (limit.take(request.socket.remoteAddress ?? '')) return await answer(request)
    const refused = inWords(429, TOO_OFTEN)
    return { ...refused, headers: { ...refused.headers, 'retry-after': '5' } }
  }
  const server = createServer((request, response) => void respond(request, response, limited))
  server.requestTimeout = 10_000
  server.headersTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new NodeError(
          'ADDRESS_UNUSABLE',
          `${host}:${port} cannot be listened on: ${error.message}; name another with --listen`,
          { cause: error },
        ),
      ),
    )
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

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: IncomingMessage) => Promise<HttpAnswer>,
): Promise<void> {
  const { status, headers, body } = await answer(request).catch(() =>
    inWords(503, 'this cannot be answered now'),
  )
  response.writeHead(status, {
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    'x-content-type-options': 'nosniff',
    // What was not read of a request is not read.
    ...(request.complete ? {} : { connection: 'close' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
