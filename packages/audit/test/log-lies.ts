import {
  append,
  appendToFeed,
  checkpointNote,
  decideOn,
  digestText,
  EPOCH,
  hand,
  hashText,
  putRegister,
  revoke,
  sealFor,
} from './bundle-builder.ts'
import {
  AGAIN,
  edit,
  FIRST_RELEASE,
  flip,
  type Lie,
  norPut,
  otherKey,
  republish,
  SECOND_RELEASE,
  setNote,
  usa,
  without,
} from './lie-tools.ts'
import { release } from './story.ts'

/** Lies about the log and its leaves: steps 2 to 6. */
export const logLies: readonly Lie[] = [
  // Steps 2 to 4.
  ['its entries altered', 'ROOT_MISMATCH', 'USA', usa(flip('log/tile/entries/000.p/9'))],
  ['a tile altered', 'TILE_MISMATCH', 'USA', usa(flip('log/tile/0/000.p/9'))],
  [
    'a tile left out',
    'TILE_MISMATCH',
    'USA',
    usa(({ files }) => void files.delete('log/tile/0/000.p/9')),
  ],
  [
    'its entries left out',
    'ENTRY_BUNDLE',
    'USA',
    usa(({ files }) => void files.delete('log/tile/entries/000.p/9')),
  ],
  [
    'no checkpoint',
    'CHECKPOINT_FORM',
    'USA',
    usa(({ files }) => void files.delete('log/checkpoint')),
  ],
  [
    'a checkpoint that one witness too few cosigned',
    'QUORUM_NOT_MET',
    'USA',
    { end: (told) => republish(told, ['GBR']) },
  ],
  [
    'its own witness in place of another',
    'QUORUM_NOT_MET',
    'USA',
    { end: (told) => republish(told, ['GBR', 'USA']) },
  ],
  [
    'a cosignature that nobody made',
    'COSIGNATURE_INVALID',
    'USA',
    {
      end: (told) => {
        const { nor, federation } = told
        const forged = { ...nor, witnessSigner: { ...nor.witnessSigner, sign: otherKey.sign } }
        const nations = new Map(federation.nations).set('NOR', forged)
        republish({ ...told, federation: { ...federation, nations } }, ['GBR', 'NOR'])
      },
    },
  ],
  [
    'a cosignature from the future',
    'COSIGNATURE_FUTURE',
    'USA',
    {
      end: (told) => {
        const federation = { ...told.federation, now: told.federation.now + 86_400_000 }
        republish({ ...told, federation }, ['GBR', 'NOR'])
      },
    },
  ],
  [
    'a checkpoint under another log key, which the bundle brings along',
    'CHECKPOINT_SIGNATURE',
    'USA',
    {
      end: (told) => {
        const { federation, usa } = told
        const impostor = { ...usa, logSigner: { key: usa.logSigner.key, sign: otherKey.sign } }
        setNote(usa, checkpointNote(federation, impostor, 9, ['GBR', 'NOR']))
      },
      bundles: { USA: ({ files }) => void files.set('keys.json', Buffer.from('{"trust":"me"}')) },
    },
  ],
  [
    'a fork shown to a partner',
    'CHECKPOINT_FORK',
    'USA',
    {
      end: (told) => {
        const { federation, usa, gbr } = told
        const note = checkpointNote(
          federation,
          usa,
          8,
          ['GBR', 'NOR'],
          new Uint8Array(hashText('fork')),
        )
        gbr.rows['partner-checkpoints.jsonl'] = [{ origin: usa.origin, note }]
      },
    },
  ],
  [
    'its newest leaves left out, one of which a partner has seen',
    'LOG_BEHIND',
    'USA',
    {
      end: ({ federation, usa, gbr }) => {
        append(federation, usa, 'pad', {})
        const note = checkpointNote(federation, usa, 10, ['GBR', 'NOR'])
        gbr.rows['partner-checkpoints.jsonl'] = [{ origin: usa.origin, note }]
        usa.entries.pop()
        usa.rows['openings.jsonl']?.pop()
      },
    },
  ],

  // Steps 5 and 6.
  [
    'one opening withheld',
    'LEAF_UNOPENED',
    'USA',
    usa(without('openings.jsonl', ({ index }) => index === SECOND_RELEASE)),
  ],
  [
    'two openings swapped',
    'LEAF_OPENING',
    'USA',
    usa(({ rows }) => {
      const lines = rows['openings.jsonl'] ?? []
      const [a, b] = [lines[FIRST_RELEASE], lines[SECOND_RELEASE]]
      if (a && b) [a['index'], b['index']] = [b['index'], a['index']]
    }),
  ],
  [
    'another salt',
    'LEAF_OPENING',
    'USA',
    usa(edit('openings.jsonl', AGAIN, () => ({ salt: '00'.repeat(32) }))),
  ],
  [
    'a leaf of a kind that nobody knows',
    'LEAF_KIND',
    'USA',
    { late: ({ federation, usa }) => void append(federation, usa, 'gossip', {}) },
  ],
  [
    'a statement signed by another key',
    'STATEMENT_SIGNATURE',
    'USA',
    {
      late: ({ federation, usa }) => {
        append(federation, { ...usa, keys: { ...usa.keys, node: otherKey } }, 'pad', {})
      },
    },
  ],
  [
    'a statement with a member too many',
    'STATEMENT_FORM',
    'USA',
    { late: ({ federation, usa }) => void append(federation, usa, 'pad', { more: 1 }) },
  ],
  [
    'a statement of another log',
    'STATEMENT_ORIGIN',
    'USA',
    {
      late: ({ federation, usa, gbr }) =>
        void append(federation, usa, 'pad', { origin: gbr.origin }),
    },
  ],
  [
    'a second genesis',
    'GENESIS',
    'USA',
    { late: ({ federation, usa }) => void append(federation, usa, 'genesis', { nation: 'USA' }) },
  ],
  [
    'a feed begun anew that replaces none',
    'FEED_DUPLICATE',
    'USA',
    {
      late: ({ federation, usa, nor }) => {
        const replaces = { feed: digestText('none'), seq: 1, statement: digestText('none') }
        const reset = { recipient: 'NOR', dataset: 'items', replaces, reason: 'none' }
        hand(federation, usa, nor, appendToFeed(federation, usa, 'reset', reset))
      },
    },
  ],
  [
    'a request in the feed of a dataset',
    'FEED_CHAIN',
    'USA',
    {
      late: ({ federation, usa, nor }) => {
        const { id = null, seq = 0, prev = null } = usa.feeds.get('NOR capabilities') ?? {}
        const body = digestText('please')
        const place = { feed: id, seq, prev, recipient: 'NOR' }
        const asked = append(federation, usa, 'request', { ...place, ask: 'change', body })
        hand(federation, usa, nor, { ...asked, feed: id ?? '', seq })
      },
    },
  ],
  [
    'an approval that no officer signed',
    'SEAL_SIGNATURE',
    'USA',
    {
      late: ({ federation, usa }) =>
        decideOn(federation, usa, 'approve', digestText('plan'), otherKey),
    },
  ],
  [
    'a refusal in the name of an officer',
    'SEAL_SIGNATURE',
    'USA',
    {
      late: ({ federation, usa }) =>
        decideOn(federation, usa, 'deny', digestText('plan'), otherKey),
    },
  ],
  [
    'a register that no authority signed',
    'SEAL_SIGNATURE',
    'USA',
    { late: ({ federation, usa }) => putRegister(federation, usa, otherKey) },
  ],
  [
    'a log that its root has signed for under another name',
    'GENESIS_SEAL',
    'USA',
    { genesis: (usa) => ({ seal: sealFor(usa, { origin: 'usa.entente.example/release-log/9' }) }) },
  ],
  [
    'a log that an administrator has signed for',
    'GENESIS_SEAL',
    'USA',
    {
      genesis: (usa) => ({ seal: sealFor({ ...usa, keys: { ...usa.keys, root: usa.keys.node } }) }),
    },
  ],
  [
    'a log that says it follows one that nobody has certified',
    'GENESIS_PREVIOUS',
    'USA',
    {
      genesis: (usa) => {
        const origin = 'usa.entente.example/release-log/0'
        const root = hashText('before').toString('base64')
        return { seal: sealFor(usa, { previous: { origin, size: 7, root, lost: [] } }) }
      },
    },
  ],
  [
    'a leaf after the last good one of its key',
    'KEY_REVOKED',
    'USA',
    { revocation: { lastGood: 7 } },
  ],
  [
    'a revocation that an administrator has signed',
    'KEY_CHANGE',
    'USA',
    {
      late: ({ federation, usa }) => {
        const seal = revoke({ ...usa, keys: { ...usa.keys, root: usa.keys.node } })
        append(federation, usa, 'key', { action: 'revoke', seal })
      },
    },
  ],
  [
    'a handover that its root has signed for another log',
    'KEY_CHANGE',
    'USA',
    {
      late: ({ federation, usa }) => {
        const next = 'usa.entente.example/release-log/2'
        append(federation, usa, 'handover', { next, seal: sealFor(usa) })
      },
    },
  ],
  ['a sequence number left out', 'FEED_GAP', 'USA', { narrow: { statement: { seq: 4 } } }],
  [
    'a statement chained to none that exists',
    'FEED_CHAIN',
    'USA',
    { narrow: { statement: { prev: digestText('elsewhere') } } },
  ],
  [
    'a dataset released after it was handed over',
    'NOT_RELEASER',
    'USA',
    {
      late: (told) => {
        const { federation, usa, nor } = told
        const said = {
          recipient: 'NOR',
          dataset: 'capabilities',
          from: usa.keys.node.base64url,
          to: otherKey.base64url,
          head: null,
        }
        hand(federation, usa, nor, appendToFeed(federation, usa, 'releaser', said))
        release(told, usa, nor, 'second', [norPut])
      },
    },
  ],
  [
    'a release to a nation that the log has cut off',
    'PARTNER_REVOKED',
    'USA',
    {
      late: (told) => {
        const { federation, usa, nor } = told
        const root = nor.keys.root.base64url
        append(federation, usa, 'partner', {
          action: 'revoke',
          partner: 'NOR',
          root,
          reason: 'cut off',
        })
        release(told, usa, nor, 'second', [norPut])
      },
    },
  ],
  ['a sequence number used twice', 'FEED_DUPLICATE', 'USA', { narrow: { statement: { seq: 2 } } }],
  [
    'two feeds of one dataset',
    'FEED_DUPLICATE',
    'USA',
    {
      late: (told) => {
        told.usa.feeds.clear()
        release(told, told.usa, told.nor, 'second', [norPut])
      },
    },
  ],
  [
    'a decision dated back a day',
    'TIME_WINDOW',
    'USA',
    { again: { statement: { at: EPOCH - 86_400_000 } } },
  ],
  [
    'a decision dated back a second',
    'TIME_ORDER',
    'USA',
    { again: { statement: { at: EPOCH + 7_000 } } },
  ],
]
