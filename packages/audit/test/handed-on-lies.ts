import { appendToFeed, deliver, digestText, publish } from './bundle-builder.ts'
import { handOn } from './handed-on-story.ts'
import type { Lie } from './lie-tools.ts'
import type { Told } from './story.ts'

/** Lies about what goes through a second hand. */
export const handedOnLies: readonly Lie[] = [
  [
    'another nation’s record held, and no consent shown',
    'HELD_WITHOUT_CONSENT',
    'NOR',
    { late: (told) => handOn(told, { hidden: true }) },
  ],
  [
    'a consent over a release that is not in the log',
    'CONSENT_RELEASE',
    'GBR',
    { late: (told) => handOn(told, { strange: true }) },
  ],
  [
    'a consent used an hour after it was withdrawn',
    'CONSENT_WITHDRAWN',
    'USA',
    { late: (told) => handOn(told, { withdrawn: true }) },
  ],
  [
    'a recall kept from who got it by consent',
    'RECALL_NOT_PASSED_ON',
    'USA',
    { late: (told) => handOn(told, { recall: 'not passed on' }) },
  ],
  [
    'a recall kept from who had got it by consent, since it was dropped there before',
    'RECALL_NOT_PASSED_ON',
    'USA',
    { late: (told) => handOn(told, { dropped: true, recall: 'not passed on' }) },
  ],
  [
    'a recall that another nation’s root has signed',
    'ROOT_RECALL_SEAL',
    'USA',
    { late: (told) => handOn(told, { byRoot: 'another root' }) },
  ],
  [
    'a put that names a root’s recall, which is not shown',
    'ROOT_RECALL_MISSING',
    'USA',
    { late: (told) => handOn(told, { named: true }) },
  ],
  [
    'what the root of its nation has recalled, held all the same',
    'JOIN_KEPT',
    'USA',
    { late: (told) => handOn(told, { byRoot: 'kept' }) },
  ],
  [
    'a root’s recall kept from who got it by consent',
    'RECALL_NOT_PASSED_ON',
    'USA',
    { late: (told) => handOn(told, { byRoot: 'not passed on' }) },
  ],
  [
    'a purge said to be complete to a root, and not everywhere',
    'PURGE_CLAIM',
    'USA',
    { late: (told) => handOn(told, { byRoot: 'not purged' }) },
  ],
  [
    'a recall in the name of another nation, by a node of its own',
    'ROOT_RECALL_SEAL',
    'USA',
    { late: (told) => handOn(told, { byNode: 'another nation’s node' }) },
  ],
  [
    'what a node of its nation has recalled by its word, held all the same',
    'JOIN_KEPT',
    'USA',
    { late: (told) => handOn(told, { byNode: 'kept' }) },
  ],
  [
    'a recall by the word of a node, which its log does not have',
    'NODE_RECALL_UNLOGGED',
    'GBR',
    { late: (told) => handOn(told, { byNode: 'not logged' }) },
  ],
  [
    'a recall by the word of a node, logged and told to nobody',
    'NODE_RECALL_UNTOLD',
    'GBR',
    { late: (told) => handOn(told, { byNode: 'not told' }) },
  ],
  [
    'a put of what the node had recalled for its nation, as if it had not',
    'NODE_RECALL_UNNAMED',
    'GBR',
    { late: (told) => handOn(told, { byNode: 'unnamed' }) },
  ],
  [
    'a purge said to be complete that is not',
    'PURGE_CLAIM',
    'USA',
    { late: (told) => handOn(told, { recall: 'not purged' }) },
  ],
  [
    'a request answered before its time',
    'ANSWER_EARLY',
    'USA',
    {
      late: ({ federation, usa, gbr }) => {
        const ask = { recipient: 'USA', ask: 'release', body: digestText('please') }
        const asked = appendToFeed(federation, gbr, 'request', ask)
        publish(federation, gbr)
        deliver(gbr, usa, asked)
        const about = digestText(asked.jws)
        const said = { about, decision: 'deny', arrived: federation.now }
        appendToFeed(federation, usa, 'answer', { recipient: 'GBR', ...said })
        publish(federation, usa)
      },
    },
  ],
]

/** Handed on by a consent that is for somebody else: sender and receiver are both at fault. */
export const forSomebodyElse = (told: Told): void =>
  handOn(told, { consent: { recipients: ['AUS'] } })

/** That the honest ways stay open: what the lies change one fact of has nothing to find. */
export const handedOnHonestly: readonly (readonly [what: string, told: (told: Told) => void])[] = [
  ['handed on by consent', (told) => handOn(told)],
  ['recalled and purged everywhere', (told) => handOn(told, { recall: 'purged' })],
  [
    'dropped, and then recalled and purged everywhere',
    (told) => handOn(told, { dropped: true, recall: 'purged' }),
  ],
  ['recalled by the root, and purged everywhere', (told) => handOn(told, { byRoot: 'purged' })],
  ['recalled by a node, and put again by that name', (told) => handOn(told, { byNode: 'named' })],
  ['recalled, and said to be open', (told) => handOn(told, { recall: 'said to be open' })],
]
