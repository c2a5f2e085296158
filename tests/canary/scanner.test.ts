import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { deflateSync, gzipSync } from 'node:zlib'
import type { Channel, Transport } from '@entente/node/testing'
import { afterAll, expect, test } from 'vitest'
import { type Evidence, findAll, folderEvidence, textEvidence } from '../support/evidence.ts'
import { automerge } from '../support/readings.ts'
import { record } from '../support/recording-transport.ts'
import { newWord } from './canary.ts'

const root = mkdtempSync(join(tmpdir(), 'entente-scanner-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

type Encoding = (canary: string) => string | Uint8Array
const base64At = (before: number, form: 'base64' | 'base64url') => (canary: string) =>
  Buffer.from(`${'.'.repeat(before)}${canary}.`).toString(form)

/** A canary within a sentence, in every form in which bytes may lie about. */
const encodings: Record<string, Encoding> = {
  raw: (canary) => canary,
  'upper case': (canary) => canary.toUpperCase(),
  'UTF-16, little end first': (canary) => Buffer.from(canary, 'utf16le'),
  'UTF-16, big end first': (canary) => Buffer.from(canary, 'utf16le').swap16(),
  'base64, first alignment': base64At(0, 'base64'),
  'base64, second alignment': base64At(1, 'base64'),
  'base64, third alignment': base64At(2, 'base64'),
  'base64url, first alignment': base64At(3, 'base64url'),
  'base64url, second alignment': base64At(4, 'base64url'),
  'base64url, third alignment': base64At(5, 'base64url'),
  hex: (canary) => Buffer.from(canary).toString('hex'),
  'hex in capitals, after half a byte': (canary) =>
    `0${Buffer.from(canary).toString('hex').toUpperCase()}`,
  'JSON escapes': (canary) =>
    JSON.stringify({
      value: [...canary].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join(''),
    }).replaceAll('\\\\', '\\'),
  'percent escapes': (canary) =>
    [...canary].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
  'payload of a JWS': (canary) =>
    ['{"alg":"EdDSA"}', JSON.stringify({ value: canary }), '\x01\x02\x03']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.'),
  gzip: (canary) => gzipSync(`a sentence that says ${canary} and goes on`),
  zlib: (canary) => deflateSync(canary),
  'JWS in gzip in base64': (canary) =>
    gzipSync(`e30.${Buffer.from(canary).toString('base64url')}.AA`).toString('base64'),
  'hex in JSON in base64': (canary) =>
    Buffer.from(JSON.stringify({ x: Buffer.from(canary).toString('hex') })).toString('base64'),
  'Automerge document': (canary) => automerge.save(automerge.from({ value: canary })),
  'history of an Automerge document': (canary) =>
    automerge.save(
      automerge.change(automerge.from({ value: canary }), (draft) => {
        delete draft['value']
      }),
    ),
}

/** Puts the bytes where a fault might, and collects what a partner could then read. */
type Channels = Record<string, (planted: Uint8Array) => Promise<Iterable<Evidence>>>
let folders = 0
const inFolder = async (plant: (folder: string) => void | Promise<void>) => {
  const folder = join(root, String(folders++))
  mkdirSync(folder)
  await plant(folder)
  return folderEvidence(folder)
}
/** Only what the tables tell, not the raw file. */
const inTable = (planted: Uint8Array) =>
  inFolder((folder) => {
    const db = new DatabaseSync(join(folder, 'entente.db'))
    db.exec('CREATE TABLE any(value BLOB)')
    db.prepare('INSERT INTO any VALUES (?)').run(planted)
    db.close()
  }).then((evidence) => [...evidence].filter(({ place }) => place.startsWith('table ')))

const channels: Channels = {
  'frame sent': (planted) => throughTransport(planted, 'send'),
  'frame received': (planted) => throughTransport(planted, 'frames'),
  'value in a table': inTable,
  'file beside the database': (planted) =>
    inFolder((folder) => writeFileSync(join(folder, 'left-over.tmp'), planted)),
  'journal line': (planted) =>
    inFolder((folder) =>
      appendFileSync(join(folder, 'journal.jsonl'), Buffer.concat([planted, Buffer.from('\n')])),
    ),
  'message of an error over a socket': overSocket,
  'tile of the log': (planted) =>
    inFolder((folder) => {
      mkdirSync(join(folder, 'log/tile/entries'), { recursive: true })
      writeFileSync(join(folder, 'log/tile/entries/000'), planted)
    }),
}

const cases = Object.keys(channels).flatMap((channel) =>
  Object.keys(encodings).map((encoding) => [channel, encoding] as const),
)

test.each(cases)('finds what is planted in a %s as %s', async (channel, encoding) => {
  const [canary, other] = [newWord(), newWord()]
  const bytes = encodings[encoding]?.(canary) ?? ''
  // Among other bytes: the alphabet of base64 on one side, noise on the other.
  const planted = Buffer.concat([
    Buffer.from('{"value":"'),
    typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
    Buffer.from('"}\n'),
    randomBytes(64),
  ])
  const evidence = [...((await channels[channel]?.(planted)) ?? [])]
  expect(new Set(findAll(evidence, [canary, other]).map(({ needle }) => needle))).toEqual(
    new Set([canary]),
  )
})

test('finds a word in the full-text index when its text has gone', async () => {
  const [canary, twin] = [newWord(), newWord()]
  const folder = join(root, 'fts')
  mkdirSync(folder)
  const db = new DatabaseSync(join(folder, 'entente.db'))
  db.exec("CREATE VIRTUAL TABLE words USING fts5(body, content = '')")
  // Words with a common beginning: the second is stored without it.
  db.prepare('INSERT INTO words(rowid, body) VALUES (1, ?)').run(
    `${canary} ${canary.slice(0, 8)}${twin.slice(8)}`,
  )
  const seen = findAll(folderEvidence(folder), [canary, `${canary.slice(0, 8)}${twin.slice(8)}`])
  db.close()
  expect(new Set(seen.map(({ needle }) => needle)).size).toBe(2)
})

test('finds a row that lies in the write-ahead log alone', () => {
  const canary = newWord()
  const folder = join(root, 'wal')
  mkdirSync(folder)
  const path = join(folder, 'entente.db')
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE any(value TEXT)')
  db.prepare('INSERT INTO any VALUES (?)').run(canary)
  db.exec('DELETE FROM any')
  const places = findAll(folderEvidence(folder), [canary]).map(({ place }) => place)
  db.close()
  expect(places).toEqual(['entente.db-wal'])
})

test('finds a number, a name and an id by their text', () => {
  const id = `urn:entente:${randomBytes(16).toString('hex')}`
  const said = textEvidence('status', { rate: '4821.9073516', capacity_available_pct: 1, id })
  expect(findAll([said], ['4821.9073516', 'capacity_available_pct', id, 'lead_time'])).toHaveLength(
    3,
  )
})

/** Sends or receives one frame through a recorded transport. */
async function throughTransport(
  planted: Uint8Array,
  way: 'send' | 'frames',
): Promise<Iterable<Evidence>> {
  const evidence: Evidence[] = []
  const channel: Channel = {
    peerId: 'peer',
    send: async () => {},
    frames: (async function* () {
      yield planted
    })(),
    ended: new AbortController().signal,
    close: async () => {},
    abort: () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  const bare = { open: async () => channel } as unknown as Transport
  const transport = record(
    bare,
    () => 'GBR',
    ({ direction, bytes }) => void evidence.push({ place: direction, bytes }),
  )
  const opened = await transport.open('peer', '/entente/feed/1')
  if (way === 'send') await opened.send(planted)
  else for await (const _ of opened.frames);
  return evidence
}

/** What a client of a socket is told. */
async function overSocket(planted: Uint8Array): Promise<Iterable<Evidence>> {
  const server = createServer((socket) => socket.end(planted))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const chunks: Buffer[] = []
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  for await (const chunk of connect(port, '127.0.0.1')) chunks.push(chunk as Buffer)
  server.close()
  return [{ place: 'socket', bytes: Buffer.concat(chunks) }]
}
