import {
  type AutomergeUrl,
  type DocHandle,
  type NetworkAdapterInterface,
  Repo,
} from '@automerge/automerge-repo'
import {
  WebSocketClientAdapter,
  WebSocketServerAdapter,
} from '@automerge/automerge-repo-network-websocket'
import { WebSocketServer } from 'ws'
import { nowMs, serveVerbs } from '../child.ts'
import { makeRows, plainRecord } from '../records.ts'

/** One end of two `Repo`s over a WebSocket, in memory: no policy, no log, no proof, no disk. */
interface Page {
  readonly records: Record<string, { description: unknown }>
}

/** By default a client that is busy for ten seconds with what it received is cut off in the middle. */
const keepAliveMs = 600_000

let repo: Repo | null = null
let server: WebSocketServer | null = null
const handles = new Map<string, DocHandle<Page>>()
const handle = (url: string): DocHandle<Page> => {
  const known = handles.get(url)
  if (known === undefined) throw new Error(`no document ${url}`)
  return known
}

const verbs = {
  /** Holds the records as plain nested objects, so many to a document, and listens. */
  serve: async (request: { count: number; seed: number; perDocument: number }) => {
    const { count, seed, perDocument } = request
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server = sockets
    await new Promise((resolve) => sockets.once('listening', resolve))
    const adapter = new WebSocketServerAdapter(sockets as never, keepAliveMs)
    // Documents go when asked for, so that the clock does not start before the request.
    repo = new Repo({
      network: [adapter as NetworkAdapterInterface],
      shareConfig: { announce: async () => false, access: async () => true },
    })
    const rows = makeRows(count, seed)
    for (let i = 0; i < rows.length; i += perDocument) {
      const records = Object.fromEntries(
        rows.slice(i, i + perDocument).map((row) => [`r${row['row']}`, plainRecord(row)]),
      )
      const made = repo.create<Page>({ records })
      handles.set(made.url, made)
    }
    const address = sockets.address()
    if (address === null || typeof address === 'string') throw new Error('no port to listen on')
    return { port: address.port, urls: [...handles.keys()] }
  },
  connect: async ({ port }: { port: number }) => {
    const adapter = new WebSocketClientAdapter(`ws://127.0.0.1:${port}`)
    const opened = new Repo({ network: [adapter as NetworkAdapterInterface] })
    repo = opened
    // Before the handshake there is nobody to ask, and a document counts as unavailable at once.
    await new Promise<void>((resolve) => opened.networkSubsystem.once('peer', () => resolve()))
  },
  /** Fetches all documents and reads every record once. */
  fetch: async ({ urls, count }: { urls: readonly string[]; count: number }) => {
    const startMs = nowMs()
    let records = 0
    await Promise.all(
      urls.map(async (url) => {
        const found = await repo?.find<Page>(url as AutomergeUrl)
        if (found === undefined) return
        handles.set(url, found)
        records += Object.keys(found.doc().records).length
      }),
    )
    if (records !== count) throw new Error(`the peer fetched ${records} records of ${count}`)
    return nowMs() - startMs
  },
  edit: ({ url, record, text }: { url: string; record: string; text: string }) => {
    const startMs = nowMs()
    handle(url).change(({ records }) => {
      const target = records[record]
      if (target !== undefined) target.description = text
    })
    return startMs
  },
  /** Resolves with the time at which the record reads so. */
  seen: ({ url, record, text }: { url: string; record: string; text: string }) =>
    new Promise<number>((resolve) => {
      const document = handle(url)
      const look = (): void => {
        if (String(document.doc().records[record]?.description) !== text) return
        document.off('change', look)
        resolve(nowMs())
      }
      document.on('change', look)
    }),
}
export type PeerVerbs = typeof verbs

serveVerbs(verbs, async () => {
  await repo?.shutdown()
  server?.close()
})
