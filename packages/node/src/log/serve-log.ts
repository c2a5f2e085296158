import { LOG_RATE } from '../network/rate-limit.ts'
import { type HttpAddress, type HttpServer, inWords, listenHttp } from './listen-http.ts'

/**
 * Serves the files of a log over HTTP, read only: the checkpoint as text that is not to be kept, tiles and entry bundles as bytes
 * that never change. Anything else is 404, another method than GET or HEAD 405; what the log cannot answer now is 503.
 * @param read a file by its path below the log; null when there is none
 * @throws {NodeError} `ADDRESS_UNUSABLE`
 * @see C2SP tlog-tiles
 */
export function serveLog(
  read: (path: string) => Promise<Uint8Array | null>,
  address: HttpAddress,
): Promise<HttpServer> {
  return listenHttp(
    async ({ method = '', url = '' }) => {
      if (method !== 'GET' && method !== 'HEAD') {
        const refused = inWords(405, 'this log is only read')
        return { ...refused, headers: { ...refused.headers, allow: 'GET, HEAD' } }
      }
      const path = url.slice(1)
      const body = await read(path)
      if (body === null) return inWords(404, 'the log has no such file')
      const [type, kept] =
        path === 'checkpoint'
          ? ['text/plain; charset=utf-8', 'no-cache']
          : ['application/octet-stream', 'public, max-age=31536000, immutable']
      return { status: 200, headers: { 'content-type': type, 'cache-control': kept }, body }
    },
    address,
    LOG_RATE,
  )
}
