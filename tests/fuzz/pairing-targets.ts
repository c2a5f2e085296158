import { answerRequest, formatAnswer, openRequest, verifyEd25519 } from '@entente/node'
import {
  decodeKeys,
  decodeLedgerFrame,
  decodePairing,
  encodeKeys,
  encodeLedgerFrame,
  formatRequest,
  HandOverMessage,
  HelloFrame,
  openAnswer,
} from '@entente/node/testing'
import {
  type AuthorityCertificate,
  certificateType,
  openInvitation,
  openReply,
  sealInvitation,
  sealReply,
  toBase64url,
} from '@entente/schema'
import type { Random } from '../simulation/random.ts'
import { keyOf } from './keys.ts'
import { rosterFile } from './roster-file.ts'
import { bytes, isOf, json, type Target, text } from './target.ts'

const statementKey = (nation: string) => keyOf(`${nation} statements`)
const nonce = (random: Random) => toBase64url(random.bytes(16))
const files = () => {
  const roster = rosterFile()
  const [gbr, usa] = roster.nations
  if (gbr === undefined || usa === undefined) throw new Error('no two nations')
  return { roster, gbr, usa }
}
const said = (nation: 'GBR' | 'USA', random: Random) => ({
  nonce: nonce(random),
  at: 1_790_000_000_000,
  key: toBase64url(statementKey(nation).publicKey),
})

const authorityKey = keyOf('USA authority')
const authority: AuthorityCertificate = {
  role: 'policy-authority',
  nation: 'USA',
  serial: 2,
  name: 'USA policy authority',
  key: toBase64url(authorityKey.publicKey),
}
const request = {
  nation: 'USA',
  organisation: 'USA exercise office',
  at: 1_790_000_000_000,
  by: toBase64url(statementKey('USA').publicKey),
  policyQuorum: 1,
  documents: [{ type: certificateType, document: authority }],
} satisfies Parameters<typeof answerRequest>[0]

/** A frame's bytes are no frame: no JSON, another form, or no text at all. */
const malformed = (error: unknown): boolean =>
  isOf('SyntaxError', 'ZodError', 'RangeError')(error) ||
  (error as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA'

/** What two nations, a node and its root, and nodes of one nation say before and beside the feeds. */
export const pairingTargets: readonly Target[] = [
  {
    name: 'invitation',
    valid: (random) => {
      const { roster, usa } = files()
      const invitation = { from: 'USA', to: 'GBR', ...said('USA', random), again: false }
      const within = { nation: usa, roster: random.chance(50) ? roster : null }
      const expires = invitation.at + 1
      return bytes(sealInvitation({ ...invitation, expires }, within, statementKey('USA').sign))
    },
    read: (input) => openInvitation(text(input), verifyEd25519),
    refuses: isOf('PairingTextError'),
  },
  {
    name: 'reply to an invitation',
    valid: (random) => {
      const reply = { from: 'GBR', to: 'USA', invitation: nonce(random), number: 1 }
      const within = { nation: files().gbr, signature: random.chance(50) ? 'a.b.c' : null }
      return bytes(
        sealReply({ ...reply, ...said('GBR', random) }, within, statementKey('GBR').sign),
      )
    },
    read: (input) => openReply(text(input), verifyEd25519),
    refuses: isOf('PairingTextError'),
  },
  {
    name: 'request to a root',
    valid: () => bytes(formatRequest(request, [statementKey('USA'), authorityKey])),
    read: (input) => openRequest(text(input)),
    refuses: isOf('SetupError'),
    signed: 'exact',
  },
  {
    name: 'answer of a root',
    valid: () => bytes(formatAnswer(answerRequest(request, keyOf('USA root')))),
    read: (input) => openAnswer(text(input), request),
    refuses: isOf('SetupError'),
    signed: 'exact',
  },
  {
    name: 'frame of revocations',
    valid: (random) => encodeKeys(['a.b.c', toBase64url(random.bytes(random.below(60)))]),
    read: decodeKeys,
    refuses: malformed,
  },
  {
    name: 'frame of a pairing',
    valid: () => json({ t: 'hello', number: 1, proposals: [rosterFile()], roster: null }),
    read: (input) => decodePairing(input, HelloFrame),
    refuses: malformed,
  },
  {
    name: 'frame between nodes of a nation',
    valid: (random) =>
      encodeLedgerFrame(
        random.pick([
          { t: 'hello', actor: 'a'.repeat(16), token: null },
          { t: 'list', shards: [['2'.repeat(27), 'a'.repeat(64)]] },
          { t: 'sync', shard: '2'.repeat(27), part: 0, of: 1 },
        ]),
        random.bytes(random.below(40)),
      ),
    read: decodeLedgerFrame,
    refuses: malformed,
  },
  {
    name: 'hand-over of a dataset',
    valid: (random) =>
      json({
        dataset: 'production',
        recipients: [{ nation: 'GBR', asks: [{ topic: 'shells' }, {}], head: null }],
        ...(random.chance(20) && { recipients: [] }),
      }),
    read: (input) => HandOverMessage.parse(JSON.parse(text(input))),
    refuses: malformed,
  },
]
