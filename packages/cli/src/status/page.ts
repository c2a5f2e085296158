import type { PartnerStatus, Status } from '@entente/node'
import type { Io } from '../io.ts'
import { formatTable, formatTime, red } from '../text.ts'
import { sayNode } from './node-lines.ts'

/**
 * The page that one opens first: what is, what needs somebody, who is in sync, and then the rest.
 * @param at a command as it can be copied
 */
export function statusPage(status: Status, io: Io, at: (command: string) => string): string {
  const { nation, state, running, words, partners, datasets } = status
  const parts = [
    `${nation}, ${running || state === 'frozen' ? `${state}: ` : ''}${words}`,
    todo(status, io, at),
    pairing(status),
    firstSteps(status, at),
    heading('Partners', partners.length === 0 ? 'none yet' : sayPartners(partners, io)),
    tallies(partners, io),
    siblings(status, io),
    received(status, io),
    datasets.length === 0
      ? ''
      : formatTable(
          ['dataset', 'mode', 'waiting'],
          datasets.map(({ dataset, mode, waiting }) => [dataset, mode, waiting]),
          io,
        ),
    sayNode(status, io),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

const heading = (title: string, text: string): string => `${title}\n${text}`

function todo(
  { todo, state, running, firstSteps, pairing }: Status,
  io: Io,
  at: (command: string) => string,
): string {
  if (todo.length === 0)
    return running && state === 'serving' && firstSteps.length + pairing.length === 0
      ? 'Nothing needs you.'
      : ''
  const lines = todo.map(({ urgent, words, command }) => {
    const what = urgent ? red(words, io) : words
    return `  ${urgent ? '!' : '-'} ${what}${command === null ? '' : `: ${at(command)}`}`
  })
  return heading('Needs you', lines.join('\n'))
}

function firstSteps({ firstSteps }: Status, at: (command: string) => string): string {
  if (firstSteps.length === 0) return ''
  const next = firstSteps.find(({ done }) => !done)
  const lines = firstSteps.map(
    (step) =>
      `  [${step.done ? 'x' : ' '}] ${step.words}${step.done ? '' : `: ${at(step.command)}`}${step === next ? '   <- next' : ''}`,
  )
  return heading('First steps', lines.join('\n'))
}

function pairing({ pairing }: Status): string {
  return pairing.length === 0
    ? ''
    : heading('Pairing', pairing.map((line) => `  ${line}`).join('\n'))
}

function sayPartners(partners: readonly PartnerStatus[], io: Io): string {
  return formatTable(
    [
      'partner',
      'how it is',
      'last in sync',
      'sent',
      'fields',
      'withheld',
      'acknowledged',
      'received',
      'held back',
    ],
    partners.map(({ nation, words, inSync, amber, inSyncAtMs, sent, received }) => {
      const last = inSync ? 'now' : inSyncAtMs === null ? 'never' : formatTime(inSyncAtMs)
      return [
        nation,
        words,
        amber ? `${last} (too long ago)` : last,
        sent.records,
        sent.fields,
        sent.withheld,
        sent.refused > 0 ? `${sent.refused} refused` : sent.acknowledged ? 'all' : 'not yet',
        received.records,
        received.quarantined,
      ]
    }),
    io,
  )
}

function siblings({ siblings }: Status, io: Io): string {
  if (siblings === undefined) return ''
  const how = ({ connected, trouble, evenAtMs }: (typeof siblings)[number]): string =>
    trouble !== null && !connected
      ? `not in reach: ${trouble}`
      : trouble !== null
        ? red(trouble, io)
        : evenAtMs === null
          ? 'not compared yet'
          : `ledgers alike on ${formatTime(evenAtMs)}${connected ? '' : ', not in reach now'}`
  return formatTable(
    ['own node', 'does', 'how it is'],
    siblings.map((each) => [each.name, each.drafts ? 'drafts' : 'releases', how(each)]),
    io,
  )
}

/** Where what this node shows of partners comes from, if not from them. */
function received({ received }: Status, io: Io): string {
  if (received === undefined) return ''
  const { from, evenAtMs, trouble, isRefused } = received
  const how =
    trouble !== null
      ? isRefused
        ? red(trouble, io)
        : `not in reach: ${trouble}`
      : evenAtMs === null
        ? 'nothing has come since this node was started'
        : `all of it was here on ${formatTime(evenAtMs)}`
  return `What partners gave ${from} is shown here as it passes it on: ${how}`
}

/** Entries, both ways: how many went, and what became of them by the signed word of who got them. */
function tallies(partners: readonly PartnerStatus[], io: Io): string {
  const rows = partners.flatMap(({ nation, sent, received }) => [
    ...(sent.tally === null
      ? []
      : [[`to ${nation}`, sent.tally, sent.agreed ? 'agreed' : 'differs'] as const]),
    ...(received.tally === null ? [] : [[`from ${nation}`, received.tally, 'ours'] as const]),
  ])
  if (rows.length === 0) return ''
  return heading(
    'Entries, and what became of them by the signed word of who got them',
    formatTable(
      ['', 'entries', 'accepted', 'refused', 'unchanged', 'not opened', 'tally'],
      rows.map(([who, { entries, accepted, refused, unchanged, unopened }, word]) => [
        who,
        entries,
        accepted,
        refused,
        unchanged,
        unopened,
        word,
      ]),
      io,
    ),
  )
}
