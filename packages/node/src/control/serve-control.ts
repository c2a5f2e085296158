import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import type { NodeApi, Progress } from '../node-api.ts'
import { ControlError } from './control-error.ts'
import { createDesk, type Desk } from './desk.ts'
import { isVerb, requests, type Verb } from './requests.ts'
import { withShortPath } from './short-path.ts'

const MAX_BODY_BYTES = 8 * 1024 * 1024
/** How long running verbs may take to end when the node stops. */
const STOP_MS = 5_000

/** The local socket of one process, whichever node stands behind it at the moment. */
export interface ControlServer extends AsyncDisposable {
  /**
   * Lets running verbs end, for half a minute; from then on whoever asks waits. One that still runs 5 s later finds its node closed, as
   * when the process stops.
   */
  readonly hold: () => Promise<void>
  /** Answers those who wait, and everybody from here on, with this node. */
  readonly resume: (api: NodeApi) => void
}

/**
 * Serves the verbs to whoever can open the socket: its mode is 0600 and its folder's 0700. HTTP/1.1, `POST /v1/VERB`
 * with a JSON body, answered by JSON Lines: `{progress}` any number of times, then `{result}` or `{error}`. The caller
 * holds the folder's lock, so a socket that is already there belongs to a process that is gone.
 * @throws {ControlError} `SOCKET_PATH_TOO_LONG`
 */
export async function serveControl(api: NodeApi, socketPath: string): Promise<ControlServer> {
  const desk = createDesk(api)
  const server = createServer((request, response) => {
    void answer(desk, request, response)
  })
  rmSync(socketPath, { force: true })
  await withShortPath(
    socketPath,
    (path) =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(path, () => resolve())
      }),
  )
  chmodSync(socketPath, 0o600)
  return {
    hold: desk.hold,
    resume: desk.resume,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), STOP_MS)
        server.close(() => {
          clearTimeout(timer)
          // Closing forgets the file when it was bound through a link that is gone.
          rmSync(socketPath, { force: true })
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

async function answer(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const line = (value: unknown): void => {
    if (!response.destroyed) response.write(`${JSON.stringify(value)}\n`)
  }
  response.setHeader('content-type', 'application/jsonl')
  response.setHeader('connection', 'close')
  try {
    const progress: Progress = (event) => line({ progress: event })
    line({ result: await desk.work((api) => perform(api, request, progress)) })
  } catch (error) {
    line({ error: { code: codeOf(error), message: messageOf(error) } })
  }
  response.end()
}

async function perform(
  api: NodeApi,
  request: IncomingMessage,
  progress: Progress,
): Promise<unknown> {
  if (request.method === 'GET' && request.url === '/v1') return { nation: api.nation }
  const [, verb = ''] = /^\/v1\/([A-Za-z]+)$/.exec(request.url ?? '') ?? []
  if (request.method !== 'POST' || !isVerb(verb))
    throw new ControlError('VERB_UNKNOWN', `the node knows no ${request.method} ${request.url}`)
  const argument = parse(verb, await readBody(request))
  // The schema of the verb has just checked its one argument; TypeScript cannot follow that through the name.
  const method = api[verb] as (argument: unknown, progress: Progress) => Promise<unknown>
  return (await method(argument, progress)) ?? null
}

function parse(verb: Verb, body: string): unknown {
  let input: unknown
  try {
    input = JSON.parse(body)
  } catch {
    throw new ControlError('REQUEST_FORM', `the body of ${verb} is not JSON`)
  }
  const parsed = requests[verb].safeParse(input)
  if (parsed.success) return parsed.data
  throw new ControlError('REQUEST_FORM', z.prettifyError(parsed.error))
}

/** Reads to the end even what is too large, so that the answer is still heard. */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (size > MAX_BODY_BYTES)
    throw new ControlError('REQUEST_TOO_LARGE', `${size} bytes are more than ${MAX_BODY_BYTES}`)
  return Buffer.concat(chunks).toString('utf8')
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { readonly code?: unknown }).code : undefined
  return typeof code === 'string' ? code : 'FAULT'
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
