import {
  type DataRecord,
  digestDisclosure,
  digestOf,
  peekJws,
  type RetransferConsent,
  saltOf,
  sealConsent,
  sealRootRecall,
  signJws,
} from '@entente/schema'
import {
  type Appended,
  acknowledge,
  append,
  appendToFeed,
  deliver,
  digestText,
  hand,
  hashText,
  publish,
  putInForce,
  row,
} from './bundle-builder.ts'
import { asq, policyOf, recordKey } from './exercise-data.ts'
import { secondFragment } from './second-fragment.ts'
import { release, type Told } from './story.ts'

const until = Date.parse('2027-01-01')
const title = 'Beacon'
const { title: asqTitle } = asq.fields
if (asqTitle === undefined) throw new RangeError('no title')

/** A record of GBR, as GBR has it. */
const theirs: DataRecord = {
  ...asq,
  id: `urn:entente:${hashText('handed on').toString('hex').slice(0, 32)}`,
  originator: 'GBR',
  fields: { title: { value: title, label: { ...asqTitle.label, releasableTo: ['USA'] } } },
}
const { digest: head } = secondFragment(theirs, { title }, recordKey(theirs))
const salt = saltOf(recordKey(theirs), 'title', title)

/** The same, as the USA decides on it to hand it on to NOR. */
const held: DataRecord = {
  ...theirs,
  envelope: { ...theirs.envelope, source: { document: 'released by GBR' } },
  fields: {
    title: {
      value: title,
      label: { ...asqTitle.label, releasableTo: ['NOR'] },
      terms: {
        originator: 'GBR',
        onward_release: theirs.envelope.handling.onward_release,
        received: { record: theirs.id, head, value: digestOf(title) },
      },
    },
  },
  received: { sd: [digestDisclosure([salt, 'title', title])], salts: { title: salt } },
}

interface Change {
  /** What the consent says otherwise. */
  readonly consent?: Partial<RetransferConsent>
  /** Nobody shows the consent to the auditor of the receiver. */
  readonly hidden?: boolean
  /** The consent statement names another release. */
  readonly strange?: boolean
  /** GBR withdraws it, and the USA hands on again an hour later. */
  readonly withdrawn?: boolean
  /** What was handed on is dropped before it is recalled. */
  readonly dropped?: boolean
  /** The root of GBR recalls it, and the USA shows that. */
  readonly byRoot?: 'another root' | 'kept' | 'not passed on' | 'not purged' | 'purged'
  /** A node of GBR recalls it by its word for the nation, and the USA has heard it. */
  readonly byNode?:
    | 'another nation’s node'
    | 'kept'
    | 'not logged'
    | 'not told'
    | 'unnamed'
    | 'named'
  /** The put names a recall that nobody shows. */
  readonly named?: boolean
  readonly recall?: 'not passed on' | 'not purged' | 'said to be open' | 'purged'
}

type Said = Appended & { readonly feed: string; readonly seq: number }
const placeOf = ({ feed, seq, jws }: Said) => ({ feed, seq, statement: digestText(jws) })

/** GBR gives a record to the USA, consents that NOR gets it from there, and may recall it. */
export function handOn(told: Told, change: Change = {}): void {
  const { federation, gbr, usa, nor } = told
  const rule = { reasonCode: 'treaty', authority: 'Treaty 1', effect: 'permit' }
  const first = putInForce(federation, gbr, {
    ...policyOf(1),
    nation: 'GBR',
    ceilings: { USA: 'SECRET' },
    rules: [{ ...rule, id: 'all', match: { recipient: { in: ['USA'] } } }],
  })
  publish(federation, gbr)
  const own = { federation, policies: { first, second: first } }
  const given = release(own, gbr, usa, 'first', [{ put: theirs, values: { title } }])
  const consent: RetransferConsent = {
    nation: 'GBR',
    key: gbr.keys.officer.base64url,
    holder: 'USA',
    record: theirs.id,
    head,
    fields: ['title'],
    transform: null,
    derived: false,
    recipients: ['NOR'],
    purpose: 'use',
    until,
    ...change.consent,
  }
  const digest = digestOf(consent)
  const seal = sealConsent(consent, gbr.keys.officer.sign)
  for (const each of [gbr, usa, ...(change.hidden ? [] : [nor])])
    row(each, 'consents.jsonl', { seal })
  const place = change.strange
    ? { ...placeOf(given), statement: digestText('other') }
    : placeOf(given)
  const say = (said: object) => {
    const made = appendToFeed(federation, gbr, 'consent', {
      recipient: 'USA',
      consent: digest,
      request: null,
      ...said,
    })
    publish(federation, gbr)
    hand(federation, gbr, usa, made)
  }
  say({ action: 'give', release: place })
  if (change.withdrawn) {
    say({ action: 'withdraw', release: null })
    federation.now += 3_600_000
  }
  const passed = release(told, usa, nor, 'second', [{ put: held, values: { title } }], {
    entry: (entry) =>
      Object.assign(entry, {
        digest: head,
        consents: [digest],
        ...(change.named && { recalls: [digestText('a recall')] }),
      }),
    inputs: { consents: [digest], validUntil: until },
  })
  if (change.dropped) release(told, usa, nor, 'second', [{ drop: held }])
  if (change.recall !== undefined) recall(told, given, passed, change.recall)
  if (change.byRoot !== undefined) recallByRoot(told, passed, change.byRoot)
  if (change.byNode !== undefined) recallByNode({ ...told, policies: own.policies }, change.byNode)
}

/** A node of GBR takes back what it gave the USA, and may give it again. */
function recallByNode(
  told: Pick<Told, 'federation' | 'policies' | 'gbr' | 'usa' | 'nor'>,
  how: NonNullable<Change['byNode']>,
): void {
  const { federation, gbr, usa, nor } = told
  const said = { nation: 'GBR', records: [theirs.id], purge: false, reason: 'a mistake' }
  if (how === 'another nation’s node') {
    const word = { ...said, origin: gbr.origin, at: federation.now }
    const seal = signJws('entente-nation-recall', word, usa.keys.node.sign)
    row(usa, 'root-recalls.jsonl', { seal })
    return
  }
  const tree = { ...gbr.tree, append: () => {} }
  const aside = { ...gbr, entries: [...gbr.entries], rows: {}, tree }
  const { jws } = append(federation, how === 'not logged' ? aside : gbr, 'nation-recall', said)
  const heardBy = { kept: [gbr, usa], 'not told': [] }[how as string] ?? [gbr, usa, nor]
  for (const each of heardBy) row(each, 'root-recalls.jsonl', { seal: jws })
  append(federation, gbr, 'pad', {})
  publish(federation, gbr)
  if (how === 'kept' || how === 'not told') return
  const letGo = (each: typeof usa) => {
    const held = each.rows['held.jsonl'] ?? []
    each.rows['held.jsonl'] = held.filter(({ record }) => record !== theirs.id)
  }
  for (const each of [usa, nor]) letGo(each)
  if (how === 'not logged') return
  const recalls = [digestOf(peekJws(jws).payload)]
  release(told, gbr, usa, 'first', [{ put: theirs, values: { title } }], {
    entry: (entry) => Object.assign(entry, how === 'named' && { recalls }),
  })
  // What does not name it is refused.
  if (how === 'unnamed') letGo(usa)
}

/** The root of GBR recalls the record, and the USA has heard it. */
function recallByRoot(
  { federation, gbr, usa, nor }: Told,
  passed: Said,
  how: NonNullable<Change['byRoot']>,
): void {
  const by = how === 'another root' ? usa : gbr
  const records = [theirs.id]
  const word = { nation: 'GBR', records, purge: true, reason: 'a mistake', at: federation.now }
  const shown = { seal: sealRootRecall(word, by.keys.root.sign) }
  row(usa, 'root-recalls.jsonl', shown)
  if (how === 'another root' || how === 'kept') return
  const gone = (nation: typeof usa) => {
    nation.rows['held.jsonl'] = (nation.rows['held.jsonl'] ?? []).filter(
      ({ record }) => record !== theirs.id,
    )
  }
  gone(usa)
  const digest = digestOf(word)
  const place = { feed: digest, seq: 0, statement: digest }
  if (how !== 'not passed on') {
    const said = { dataset: 'capabilities', entries: [], purge: true, reason: 'a mistake' }
    const second = appendToFeed(federation, usa, 'recall', {
      recipient: 'NOR',
      release: placeOf(passed),
      ...said,
    })
    publish(federation, usa)
    hand(federation, usa, nor, second)
    gone(nor)
    if (how === 'purged') {
      const purge = { recipient: 'USA', recall: placeOf(second), purged: 1 }
      const done = appendToFeed(federation, nor, 'purge', purge)
      publish(federation, nor)
      deliver(nor, usa, done)
      acknowledge(federation, usa, nor, done)
    }
  }
  appendToFeed(federation, usa, 'purge', { recipient: 'GBR', recall: place, purged: 1 })
  publish(federation, usa)
}

function recall(
  { federation, gbr, usa, nor }: Told,
  given: Said,
  passed: Said,
  how: NonNullable<Change['recall']>,
): void {
  const said = { dataset: 'capabilities', entries: [], purge: true, reason: 'a mistake' }
  const first = appendToFeed(federation, gbr, 'recall', {
    recipient: 'USA',
    release: placeOf(given),
    ...said,
  })
  publish(federation, gbr)
  hand(federation, gbr, usa, first)
  const gone = (nation: typeof usa) => {
    nation.rows['held.jsonl'] = (nation.rows['held.jsonl'] ?? []).filter(
      ({ record }) => record !== theirs.id,
    )
  }
  gone(usa)
  if (how === 'not passed on') return
  const second = appendToFeed(federation, usa, 'recall', {
    recipient: 'NOR',
    release: placeOf(passed),
    ...said,
  })
  publish(federation, usa)
  hand(federation, usa, nor, second)
  gone(nor)
  if (how === 'purged') {
    const purge = { recipient: 'USA', recall: placeOf(second), purged: 1 }
    const done = appendToFeed(federation, nor, 'purge', purge)
    publish(federation, nor)
    deliver(nor, usa, done)
    acknowledge(federation, usa, nor, done)
  }
  const purge = { recipient: 'GBR', recall: placeOf(first), purged: 1 }
  const open = how === 'said to be open' ? { unproven: 1 } : {}
  appendToFeed(federation, usa, 'purge', { ...purge, ...open })
  publish(federation, usa)
}
