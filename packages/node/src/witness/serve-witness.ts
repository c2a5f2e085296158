import type { IncomingMessage } from 'node:http'
import {
  type HttpAddress,
  type HttpAnswer,
  type HttpServer,
  inWords,
  listenHttp,
} from '../log/listen-http.ts'
import { type Rate, WITNESS_RATE } from '../network/rate-limit.ts'

/** Much more than 63 hashes and a checkpoint with 16 signatures. */
const maxBodyBytes = 64 * 1024

/**
 * Speaks for a witness over HTTP, so that clients written by others can use it: `POST /add-checkpoint` and
 * `GET /<hex SHA-256 of the origin>/checkpoint`. Bodies are those of the stream protocol, byte for byte.
 * @param ask answers a request of the stream protocol: `<status>\n<body>`
 * @throws {NodeError} `ADDRESS_UNUSABLE`
 * @see C2SP tlog-witness
 */
export function serveWitness(
  ask: (request: string) => Promise<string>,
  address: HttpAddress,
  rate: Rate = WITNESS_RATE,
): Promise<HttpServer> {
  return listenHttp(
    async (request) => {
      const { method = '', url = '' } = request
      if (method === 'POST' && url === '/add-checkpoint') {
        const body = await bodyOf(request)
        if (body === null) return inWords(413, `a request has at most ${maxBodyBytes} bytes`)
        if (body === undefined) return inWords(400, 'a request is text in UTF-8')
        return asHttp(await ask(`POST /add-checkpoint\n\n${body}`))
      }
      if ((method === 'GET' || method === 'HEAD') && /^\/[0-9a-f]{64}\/checkpoint$/.test(url))
        return asHttp(await ask(`GET ${url}\n`))
      return inWords(
        404,
        'a witness answers POST /add-checkpoint and GET /<hex SHA-256 of an origin>/checkpoint',
      )
    },
    address,
    rate,
  )
}

function asHttp(answer: string): HttpAnswer {
  const status = Number(answer.slice(0, 3))
  // The size that the client should have started from, by which it knows what to send again.
  const isSize = status === 409 && /^\d+\n$/.test(answer.slice(4))
  const type = isSize ? 'text/x.tlog.size' : 'text/plain; charset=utf-8'
  return { status, headers: { 'content-type': type }, body: answer.slice(4) }
}

/** The body as text; null when it is too long, undefined when it is no text. */
async function bodyOf(request: IncomingMessage): Promise<string | null | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > maxBodyBytes) return null
    parts.push(part)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts))
  } catch {
    return undefined
  }
}
