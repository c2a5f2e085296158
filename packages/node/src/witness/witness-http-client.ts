import type { WitnessResponse } from './witness-client.ts'

/** Much more than the cosignature lines of one witness. */
const MAX_ANSWER_BYTES = 64 * 1024

/**
 * Asks a witness over HTTP what would be asked over the stream; no redirect is followed.
 * @param url prefix below which `add-checkpoint` is
 * @throws {Error} when it cannot be reached or answers more than 64 KiB or no text
 * @see C2SP tlog-witness
 */
export async function askWitnessHttp(
  url: string,
  request: string,
  signal: AbortSignal,
): Promise<WitnessResponse> {
  const [head = '', ...rest] = request.split('\n\n')
  const [method = '', path = ''] = head.trimEnd().split(' ')
  const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
    method,
    ...(method === 'POST' ? { body: rest.join('\n\n') } : {}),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    redirect: 'error',
    signal,
  })
  const parts: Uint8Array[] = []
  let size = 0
  // Leaving the loop cancels the rest.
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > MAX_ANSWER_BYTES)
      throw new Error(`${url} answers more than ${MAX_ANSWER_BYTES} bytes`)
    parts.push(part)
  }
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return { status: response.status, body: text.decode(Buffer.concat(parts)) }
}
