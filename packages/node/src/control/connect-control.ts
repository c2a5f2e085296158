import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { Nation } from '@entente/schema'
import { z } from 'zod'
import type { NodeApi, Progress } from '../node-api.ts'
import { ControlError, RemoteError } from './control-error.ts'
import { requests, type Verb } from './requests.ts'
import { withShortPath } from './short-path.ts'

const Line = z.union([
  z.object({
    progress: z.object({ stage: z.string(), done: z.number(), total: z.number().optional() }),
  }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
  z.object({ result: z.unknown() }),
])

/**
 * The running node behind a socket, or null when none answers there.
 * @throws {RemoteError} from every verb: code and message of the node
 * @throws {ControlError} `NODE_GONE` from a verb during which the node ended
 */
export async function connectControl(socketPath: string): Promise<NodeApi | null> {
  try {
    const hello = await call(socketPath, 'GET', '/v1', undefined)
    const { nation } = z.object({ nation: Nation }).parse(hello)
    return proxyOf(nation, socketPath)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return null
    throw error
  }
}

function proxyOf(nation: Nation, socketPath: string): NodeApi {
  const ask = (verb: Verb) => (argument?: unknown, progress?: Progress) =>
    call(socketPath, 'POST', `/v1/${verb}`, argument, progress)
  const verbs = Object.keys(requests).map((verb) => [verb, ask(verb as Verb)] as const)
  // Every verb of the API is a key of `requests`; results are what this version's own node wrote.
  return { nation, ...Object.fromEntries(verbs) } as unknown as NodeApi
}

async function call(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  argument: unknown,
  progress?: Progress,
): Promise<unknown> {
  const socket = await withShortPath(socketPath, open)
  try {
    for await (const text of createInterface({
      input: await send(socket, method, path, argument),
    })) {
      const line = Line.parse(JSON.parse(text))
      if ('progress' in line) {
        const { stage, done, total } = line.progress
        progress?.({ stage, done, ...(total === undefined ? {} : { total }) })
      } else if ('error' in line) throw new RemoteError(line.error.code, line.error.message)
      else return line.result
    }
    throw new Error('the answer ended early')
  } catch (error) {
    if (error instanceof RemoteError) throw error
    throw new ControlError('NODE_GONE', 'the running node ended before it answered; ask again', {
      cause: error,
    })
  } finally {
    socket.destroy()
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

function send(
  socket: Socket,
  method: 'GET' | 'POST',
  path: string,
  argument: unknown,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ method, path, createConnection: () => socket }, resolve)
    request.once('error', reject)
    request.end(method === 'GET' ? undefined : JSON.stringify(argument ?? null))
  })
}
