import {
  acknowledge,
  appendToFeed,
  type BuiltNation,
  checkpointNote,
  closePeriod,
  deliver,
  digestText,
  publish,
} from './bundle-builder.ts'
import { mk58 } from './exercise-data.ts'
import { edit, FIRST_RELEASE, gbr, holdOther, type Lie, NARROW, usa, without } from './lie-tools.ts'

/** Lies that only both sides together show, and lines that cannot be read: steps 10 and 1. */
export const joinLies: readonly Lie[] = [
  // Step 10.
  [
    'data held that no leaf released',
    'JOIN_WITHOUT_LEAF',
    'GBR',
    gbr(({ rows }) => {
      const held = rows['held.jsonl'] ?? []
      held.push({ ...held[0], record: `urn:entente:${'0'.repeat(32)}` })
    }),
  ],
  [
    'data held in a feed that does not exist',
    'JOIN_WITHOUT_LEAF',
    'GBR',
    gbr(({ rows }) => {
      const held = rows['held.jsonl'] ?? []
      held.push({ ...held[0], feed: digestText('a way around') })
    }),
  ],
  [
    'other data held than was released',
    'JOIN_DIGEST',
    'GBR',
    gbr(edit('held.jsonl', 0, () => ({ digest: digestText('other') }))),
  ],
  [
    'data kept that was taken back',
    'JOIN_KEPT',
    'GBR',
    gbr(({ rows }) => {
      const held = rows['held.jsonl'] ?? []
      held.push({ ...held[0], record: mk58.id })
    }),
  ],
  ['acknowledged data not held', 'JOIN_NOT_HELD', 'GBR', gbr(without('held.jsonl', () => true))],
  [
    'an acknowledged statement not shown by the recipient',
    'JOIN_NOT_HELD',
    'GBR',
    gbr(without('received.jsonl', ({ index }) => index === NARROW)),
  ],
  [
    'an acknowledged statement not shown by the sender',
    'JOIN_DROPPED',
    'USA',
    {
      late: ({ federation, usa, gbr, sent }) => {
        const feed = sent[0]?.feed ?? ''
        acknowledge(federation, gbr, usa, { feed, seq: 4, jws: 'dropped since' })
      },
    },
  ],
  [
    'a statement sent that is not the one logged',
    'JOIN_DIFFERENT_STATEMENT',
    'USA',
    {
      end: (told) => holdOther(told, told.usa.keys),
    },
  ],
  [
    'a statement said to be of a partner that never signed it',
    'RECEIVED_SIGNATURE',
    'GBR',
    {
      end: (told) => holdOther(told, told.nor.keys),
    },
  ],
  [
    'a statement admitted with the proof of another',
    'RECEIVED_PROOF',
    'GBR',
    gbr(({ rows }) => {
      const [a, b] = rows['received.jsonl'] ?? []
      if (a && b) a['proof'] = b['proof']
    }),
  ],
  [
    'a release admitted before its quorum',
    'RECEIVED_QUORUM',
    'GBR',
    {
      end: (told) => {
        const { federation, usa, gbr } = told
        const opening = usa.rows['openings.jsonl']?.[FIRST_RELEASE]
        const line = gbr.rows['received.jsonl']?.find(({ index }) => index === FIRST_RELEASE)
        if (!opening || !line) throw new RangeError('no first release')
        const early = { ...usa, note: checkpointNote(federation, usa, 9, []) }
        const again = { ...gbr, rows: {} as BuiltNation['rows'] }
        deliver(early, again, {
          index: FIRST_RELEASE,
          jws: String(opening['jws']),
          salt: Buffer.from(String(opening['salt']), 'hex'),
        })
        Object.assign(line, again.rows['received.jsonl']?.[0])
      },
    },
  ],
  [
    'a release never acknowledged',
    'JOIN_UNACKNOWLEDGED',
    'NOR',
    {
      late: ({ usa, nor }) => {
        nor.rows['acks-given.jsonl'] = []
        usa.rows['acks-received.jsonl'] = (usa.rows['acks-received.jsonl'] ?? []).filter(
          ({ jws }) =>
            !String(Buffer.from(String(jws).split('.')[1] ?? '', 'base64url')).includes(
              '"by":"NOR"',
            ),
        )
      },
    },
  ],
  [
    'a request that the asker logged, and nobody answered in time',
    'REQUEST_UNANSWERED',
    'USA',
    {
      late: ({ federation, usa, gbr }) => {
        const ask = { recipient: 'USA', ask: 'release', body: digestText('please') }
        const asked = appendToFeed(federation, gbr, 'request', ask)
        publish(federation, gbr)
        deliver(gbr, usa, asked)
        federation.now += 2 * 3_600_000
      },
    },
  ],
  [
    'an acknowledgement not signed by its nation',
    'ACK_SIGNATURE',
    'GBR',
    gbr(
      edit('acks-given.jsonl', 0, ({ jws }) => ({ jws: String(jws).replace(/.{6}$/, 'AAAAAA') })),
    ),
  ],
  [
    'the last acknowledgement not shown by the sender',
    'ACK_MISSING',
    'USA',
    usa(({ rows }) => void rows['acks-received.jsonl']?.pop()),
  ],
  [
    'the last acknowledgement not shown by the recipient',
    'ACK_MISSING',
    'GBR',
    gbr(({ rows }) => void rows['acks-given.jsonl']?.pop()),
  ],
  [
    'an acknowledgement after the last ack leaf',
    'ACK_NOT_COMMITTED',
    'USA',
    {
      end: (told) => {
        const { federation, gbr, usa, sent } = told
        const last = sent.at(-1)
        if (last) acknowledge({ ...federation, now: federation.now + 1000 }, gbr, usa, last)
        closePeriod(federation, gbr)
      },
    },
  ],

  // Step 1.
  [
    'a line that is no JSON',
    'BUNDLE_FORM',
    'USA',
    usa(({ files, rows }) => {
      delete rows['held.jsonl']
      files.set('held.jsonl', Buffer.from('{"from":\n'))
    }),
  ],
  [
    'another origin',
    'BUNDLE_ORIGIN',
    'USA',
    usa(
      ({ manifest }) =>
        void Object.assign(manifest, { origin: 'usa.entente.example/release-log/2' }),
    ),
  ],
]
