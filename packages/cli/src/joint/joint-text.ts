import type { ShownDocument } from '@entente/node'
import type { Io } from '../io.ts'
import { clean, formatTable, formatTime, red } from '../text.ts'

/** So much of an id is enough to name a document, as a rule. */
const SHORT = 10
export const shortId = (id: string): string => id.slice(0, SHORT)

/** Options of `joint vote` that tie it to what was shown: whole, since a beginning could be met by another change. */
export const headOptions = (heads: readonly string[]): string =>
  heads.map((head) => `--head ${head}`).join(' ')

/** `validated at 2 of 3 by AUS, GBR`. */
export function standingWords({ standing, terms }: ShownDocument): string {
  const { state, quorum, endorsing } = standing
  const by = endorsing.length === 0 ? '' : ` by ${endorsing.join(', ')}`
  return state === 'validated'
    ? `validated: endorsed${by}, ${quorum} of ${terms.validators.length} needed`
    : `draft: ${endorsing.length} of ${quorum} endorsements needed${by}`
}

const faultWords: Readonly<
  Record<NonNullable<ShownDocument['standing']['words'][number]['fault']>, string>
> = {
  VOTE_UNSEALED: 'no person has sealed it',
  VOTE_PERSON: 'it is sealed by no release officer whom the roster names',
  VOTE_ONCE: 'the person who sealed it counts for another nation already',
}

/** One document, for people. */
export function formatDocument(document: ShownDocument, io: Io): string {
  const { id, terms, values, text, textBy, standing, stopped, twice } = document
  const rows = values.flatMap(({ path, value, writer, atMs, others }) => [
    [path, String(value), writer, formatTime(atMs)],
    ...others.map((other) => ['', `also, at the same time: ${other.value}`, other.writer, '']),
  ])
  const words = standing.words.map(({ nation, choice, current, atMs, struck, by, fault }) => [
    nation,
    choice === null
      ? 'nothing yet'
      : `${choice === 'endorse' ? 'endorses' : 'objects'}${current ? '' : ', but to what it said before'}${struck ? ', and does not count: it has signed two statements for one place' : ''}${fault === null ? '' : `, and does not count: ${faultWords[fault]}`}`,
    by === null ? '' : clean(by),
    atMs === null ? '' : formatTime(atMs),
  ])
  const troubles = [
    ...twice.map(
      ({ nation, seq }) =>
        `${nation} has signed two statements ${seq}: what it wrote from there on, and what builds on it, is struck`,
    ),
    ...stopped.map(
      ({ nation, seq, code, message }) =>
        `statement ${seq} of ${nation} is refused, ${code}: ${clean(message)}; others go on`,
    ),
  ]
  return [
    `${clean(document.title ?? 'without a title')}  (${terms.kind}, ${terms.label.classification})`,
    `id ${id}`,
    `members ${terms.members.join(', ')}, created by ${document.creator}`,
    standingWords(document),
    ...(text === ''
      ? []
      : ['', ...text.split('\n').map(clean), `(text by ${textBy.join(', ') || document.creator})`]),
    ...(rows.length === 0 ? [] : ['', formatTable(['path', 'value', 'by', 'at'], rows, io)]),
    '',
    formatTable(['validator', 'says', 'sealed by', 'at'], words, io),
    '',
    `heads ${document.heads.map((head) => head.slice(0, SHORT)).join(', ')}; ${document.changes} changes${document.struck > 0 ? `, ${document.struck} struck` : ''}`,
    ...(document.unread > 0
      ? [`${document.unread} values are not shown: a ${terms.kind} has none such, or not so`]
      : []),
    ...troubles.map((line) => red(line, io)),
  ].join('\n')
}
