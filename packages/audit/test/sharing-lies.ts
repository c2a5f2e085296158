import { createHmac } from 'node:crypto'
import { ENGINE } from '@entente/policy'
import {
  acknowledge,
  append,
  appendToFeed,
  deliver,
  hand,
  type Line,
  publish,
  row,
} from './bundle-builder.ts'
import { mk58, versionText } from './exercise-data.ts'
import { type Lie, norPut } from './lie-tools.ts'
import { canonical } from './second-fragment.ts'
import { release, type Told } from './story.ts'

const offer = { dataset: 'capabilities', title: 'Capabilities', kinds: ['capability'], topics: [] }

/** The USA says to GBR what it offers, shown by one record. Untouched, it is true. */
function sayCatalogue({ federation, usa, gbr, policies }: Told, lie: Line = {}): void {
  const { index, digest } = policies.second
  let inputs: Line = {}
  const said = appendToFeed(
    federation,
    usa,
    'catalogue',
    { recipient: 'GBR', policy: index, datasets: [{ ...offer, ...lie }] },
    (salt) => {
      inputs = {
        engine: ENGINE,
        policy: digest,
        recipient: 'GBR',
        purpose: 'use',
        at: federation.now,
        validUntil: Date.parse('2027-09-01'),
        records: [[mk58.id, versionText(mk58)]],
      }
      return { inputs: createHmac('sha256', salt).update(canonical(inputs)).digest('base64url') }
    },
  )
  row(usa, 'inputs.jsonl', { index: said.index, inputs })
  hand(federation, usa, gbr, said)
}

/** NOR asks the USA for one kind, and then it is given another. */
function giveUnasked(told: Told, kind: string): void {
  const { federation, usa, nor } = told
  const ask = { recipient: 'USA', dataset: 'capabilities', action: 'subscribe', kind }
  const asked = appendToFeed(federation, nor, 'subscribe', ask)
  publish(federation, nor)
  deliver(nor, usa, asked)
  release(told, usa, nor, 'second', [norPut])
}

/** Who counts otherwise than was sealed. */
function countOtherwise({ federation, usa, gbr, sent }: Told, tally: Line): void {
  const last = sent.findLast(({ feed }) => feed === sent[0]?.feed)
  if (last === undefined) throw new RangeError('nothing was sent')
  federation.now += 1000
  acknowledge(federation, gbr, usa, last, { tally })
}

/** The four statements of GBR's feed name seven entries. */
const truly = { entries: 7, accepted: 7, refused: 0, unchanged: 0, unopened: 0 }

/** Lies about what is offered, asked for and counted. */
export const sharingLies: readonly Lie[] = [
  [
    'a catalogue that offers a kind of which nothing may go',
    'CATALOGUE_OVER',
    'USA',
    { late: (told) => sayCatalogue(told, { kinds: ['capability', 'alert'] }) },
  ],
  [
    'a catalogue under another title',
    'CATALOGUE_OVER',
    'USA',
    { late: (told) => sayCatalogue(told, { title: 'All that there is' }) },
  ],
  [
    'a record given that was never asked for',
    'RELEASE_UNASKED',
    'USA',
    { late: (told) => giveUnasked(told, 'alert') },
  ],
  [
    'a recipient that counts fewer entries than were sealed',
    'TALLY_DIFFERS',
    'GBR',
    { late: (told) => countOtherwise(told, { ...truly, entries: 6, accepted: 6 }) },
  ],
]

/** The same, told truly; NOR is cut off for a while, and paired anew before it is given anything. */
export function tellSharing(told: Told): void {
  const { federation, usa, nor } = told
  sayCatalogue(told)
  for (const action of ['revoke', 'restore'])
    append(federation, usa, 'partner', {
      action,
      partner: 'NOR',
      root: nor.keys.root.base64url,
      reason: 'an exercise',
    })
  giveUnasked(told, 'capability')
  countOtherwise(told, truly)
}
