import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import * as A from '@automerge/automerge'
import { buildRoster, loadNodeFolder, parseMapping, verifyEd25519 } from '@entente/node'
import {
  createFrameDecoder,
  decodeFrame,
  decodeItem,
  encodeItem,
  openDatabase,
  openTrailer,
  RecipientFrame,
  readChange,
  requests,
  SenderFrame,
  sealHeader,
  tables,
} from '@entente/node/testing'
import type { Random } from '../simulation/random.ts'
import { createFederation } from '../support/federation.ts'
import { createHostileSender, dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { depsOf, openReceiver } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'
import { rosterFile } from './roster-file.ts'
import { isOf, json, type Target, text } from './target.ts'

const nowMs = Date.UTC(2026, 9, 1)
const digest = 'A'.repeat(43)

/** A true release of the USA before the GBR's door in, which forgets everything after each knock. */
function doorIn() {
  const federation = createFederation(['GBR', 'USA'])
  process.on('exit', () => rmSync(federation.root, { recursive: true, force: true }))
  const usa = createHostileSender(federation, 'USA', 'GBR', nowMs)
  usa.logPolicy(livePolicy('USA'))
  const fragment = fragmentOf('USA', { title: 'a title', supplier: 'a maker' })
  const opening = putOf(fragment)
  const dropping = dropOf(fragment.head.id)
  const released = usa.log('release', usa.release([opening]))
  const frame = usa.frame(released, { openings: [opening], bodies: [fragment] })
  const dropped = usa.log('release', usa.release([dropping], { effect: 'narrow' }))
  const notice = usa.notice(dropped, [dropping])
  const head = { t: 'head', checkpoint: usa.checkpoint(), base: { size: 0, hashes: [] } }
  const gbr = openReceiver(federation.folder('GBR'), () => nowMs)
  const deps = depsOf(federation.folder('GBR'), openDatabase(':memory:', tables), () => nowMs)
  const { encryption } = loadNodeFolder(federation.folder('GBR')).keys
  const { statement } = loadNodeFolder(federation.folder('USA')).keys
  const trailer = sealHeader({ signStatement: statement.sign }, deps.self, {
    from: 'USA',
    origin: gbr.partner('USA').log.origin,
    to: 'GBR',
    node: deps.origin,
    ...{ number: 3, at: nowMs, expires: nowMs + 1, taken: 2, base: null },
    ...{ key: digest, size: 65_552, digest },
  })
  return { frame, notice, head, gbr, trailer, deps, encryption }
}
let door: ReturnType<typeof doorIn> | undefined
const theDoor = () => {
  door ??= doorIn()
  return door
}
const malformed = isOf('SyntaxError', 'ZodError')
const valid = (random: Random) => {
  const { frame, notice, head } = theDoor()
  return random.pick([frame, frame, frame, notice, head])
}
const framed = (frames: readonly Uint8Array[]) =>
  new Uint8Array(
    Buffer.concat(
      frames.flatMap((frame) => {
        const length = Buffer.alloc(4)
        length.writeUInt32BE(frame.length)
        return [length, frame]
      }),
    ),
  )
const forget = [
  'partner_checkpoint',
  'partner_policy',
  'feed_in',
  'statement_in',
  'held_in',
  'hidden_in',
  'dropped_in',
  'passing',
  'quarantine',
  'ack_given',
  'view_row',
  'view_text',
]
  .map((table) => `DELETE FROM ${table};`)
  .join('')

export const nodeTargets: readonly Target[] = [
  {
    name: 'libp2p framing',
    valid: (random) => framed([random.bytes(5), random.bytes(0), random.bytes(300)]),
    read: (input) => {
      const decoder = createFrameDecoder(1 << 20)
      const frames = []
      for (let at = 0; at < input.length; at += 61) {
        decoder.push(input.subarray(at, at + 61))
        while (decoder.ready()) frames.push(decoder.shift())
        if (decoder.bufferedBytes() > input.length) throw new Error('holds more than it was given')
      }
      return frames
    },
    refuses: isOf('TransportError'),
  },
  {
    name: 'frame of a sender',
    valid: (random) => json(valid(random)),
    read: (input) => decodeFrame(input, SenderFrame),
    refuses: (error) => malformed(error) || isNotUtf8(error),
  },
  {
    name: 'frame of a recipient',
    valid: (random) =>
      json(
        random.pick([
          { t: 'resume', checkpoint: null, feeds: [{ feed: digest, seq: 1, hash: digest }] },
          { t: 'ack', jws: 'a.b.c' },
          { t: 'again', feed: digest, seq: 2, entry: digest },
        ]),
      ),
    read: (input) => decodeFrame(input, RecipientFrame),
    refuses: (error) => malformed(error) || isNotUtf8(error),
  },
  {
    // With the checksum made right, which would else hide what stands behind it.
    name: 'change of a joint document',
    valid: (random) => {
      const doc = A.change(
        A.init<Record<string, unknown>>({ actor: 'ab'.repeat(16) }),
        { time: 0 },
        (draft) => {
          draft['text'] = 'x'.repeat(random.below(40))
          draft['title'] = new A.ImmutableString(`title ${random.below(9)}`)
          draft['n'] = random.below(1_000)
        },
      )
      return A.getLastLocalChange(doc) as Uint8Array
    },
    read: (input) => {
      const bytes = Uint8Array.from(input)
      const checksum = createHash('sha256').update(bytes.subarray(8)).digest().subarray(0, 4)
      if (bytes.length >= 8) bytes.set(checksum, 4)
      const { ops } = readChange(bytes)
      if (ops.length > 16_384) throw new Error('more operations than are taken')
      return ops.length
    },
    refuses: isOf('JointError'),
  },
  {
    name: 'admission',
    valid: (random) => json(valid(random)),
    read: (input) => {
      const { gbr } = theDoor()
      const usa = gbr.partner('USA')
      const frame = decodeFrame(input, SenderFrame)
      gbr.db.exec(forget)
      if (frame.t === 'statement') return gbr.admission.statement(usa, frame)
      if (frame.t === 'notice') return gbr.admission.notice(usa, frame)
      if (frame.t === 'head') return gbr.admission.head(usa, frame)
      return null
    },
    refuses: (error) => malformed(error) || isNotUtf8(error) || isOf('AdmitError')(error),
  },
  {
    name: 'end of a courier bundle',
    valid: () => theDoor().trailer,
    read: (input) => {
      const { deps, encryption } = theDoor()
      return openTrailer(deps, encryption, input)
    },
    refuses: isOf('CourierError'),
  },
  {
    name: 'item of a courier bundle',
    valid: (random) =>
      encodeItem(
        random.pick([
          { t: 'sender', which: 'feed', frame: theDoor().frame, until: [null, nowMs] },
          { t: 'recipient', which: 'control', frame: { t: 'ack', jws: 'a.b.c' } },
          { t: 'known', note: null, witnessed: 16 },
          { t: 'cosign', size: 16, request: 'POST /add-checkpoint\n\nold 0\n' },
          { t: 'cosigned', size: 16, answer: '409\n32\n' },
          { t: 'bases', bases: [{ size: 16, hashes: ['A'.repeat(44)] }] },
        ]),
      ),
    read: decodeItem,
    refuses: (error) => malformed(error) || isNotUtf8(error),
  },
  {
    name: 'control request',
    valid: (random) =>
      json(
        random.pick([
          { dataset: 'production', from: 'USA', action: 'subscribe' },
          {
            id: `urn:entente:${'0a'.repeat(16)}`,
            author: 'a',
            reason: 'r',
            set: { title: { value: 1 } },
          },
          { plan: digest },
        ]),
      ),
    read: (input) => {
      const body = JSON.parse(text(input)) as unknown
      return Object.values(requests).map((schema) => schema.safeParse(body).success)
    },
    refuses: isOf('SyntaxError'),
  },
  {
    name: 'mapping',
    valid: () => Uint8Array.from(readFileSync('examples/mappings/items.yaml')),
    read: (input) => parseMapping(text(input), 'a mapping'),
    refuses: isOf('ImportError'),
    costly: true,
  },
  {
    name: 'nation file',
    valid: () => json(rosterFile().nations[0]),
    read: (input) => buildRoster([JSON.parse(text(input))], { number: 1 }, verifyEd25519),
    refuses: isOf('SyntaxError', 'RosterError'),
  },
]

/** `TextDecoder` in its fatal mode: the bytes are not text at all. */
function isNotUtf8(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
}
