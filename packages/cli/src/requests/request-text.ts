import type { ListedRequest, ShownRequest, StoredRequest } from '@entente/node'
import { formatTime } from '../text.ts'
import { formatValue } from '../value.ts'

/** What is asked, in one line. */
export function sayAsked({ ask, body }: Pick<StoredRequest, 'ask' | 'body'>): string {
  if (body === null) return `${ask}: this version cannot read what`
  if (body.ask === 'release') {
    const what = body.record ?? body.about ?? ''
    return `release ${body.fields.length > 0 ? `${body.fields.join(', ')} of ` : ''}${what}`
  }
  if (body.ask === 'change')
    return `let ${body.field} of ${body.record} say ${formatValue(body.value)}`
  return `hand ${body.fields.join(', ')} of ${body.record} on to ${body.recipients.join(', ')} until ${formatTime(body.until)}${body.derived ? ', also what was made of it' : ''}`
}

/** Where a request stands: who has to do what until when. */
export function sayState({
  side,
  answer,
  answeredMs,
  decided,
  dueMs,
  overdue,
}: ListedRequest): string {
  const at = answeredMs === null ? '' : ` ${formatTime(answeredMs)}`
  if (answer === 'approve') return `granted${at}`
  if (answer === 'deny') return side === 'mine' ? `not granted${at}` : `answered no${at}`
  if (overdue) return `overdue since ${formatTime(dueMs)}`
  if (side === 'mine') return `answer due ${formatTime(dueMs)}`
  const said = decided === null ? 'to be decided' : decided === 'approve' ? 'granted' : 'refused'
  return `${said}; answer goes ${formatTime(dueMs)}`
}

/** A request, line by line, with what its answer rests on. */
export function sayRequest({ request, suggestion, grantable }: ShownRequest): string {
  const { id, side, nation, body, askedMs, arrivedMs, dueMs, decidedBy, reason } = request
  return [
    `Request ${id} ${side === 'mine' ? `to ${nation}` : `of ${nation}`}: ${sayAsked(request)}`,
    ...(body === null ? [] : [`Asked by:  ${body.by}: ${body.reason}`]),
    `Asked:     ${formatTime(askedMs)}${side === 'theirs' ? `, came in ${formatTime(arrivedMs)}` : ''}`,
    `Answer:    ${sayState(request)} (due ${formatTime(dueMs)})`,
    ...(decidedBy === null ? [] : [`Decided:   ${decidedBy}: ${reason ?? ''}`]),
    ...saySuggestion(request, suggestion),
    ...sayGrantable(request, grantable),
  ].join('\n')
}

function saySuggestion(
  { side, body }: StoredRequest,
  suggestion: ShownRequest['suggestion'],
): readonly string[] {
  if (side !== 'theirs' || body?.ask !== 'change') return []
  if (suggestion === null) return ['Record:    none of ours: refuse it']
  const { field, present, suggested, base } = suggestion
  const words = {
    same: 'they have seen the value that stands',
    unseen: 'they do not hold this field',
    changed:
      'CONFLICT: another value stood when they suggested theirs; look at record history, then --over or --refuse',
  }
  return [
    `- ${field}: ${formatValue(present)}`,
    `+ ${field}: ${formatValue(suggested)}`,
    `Base:      ${words[base]}`,
  ]
}

function sayGrantable(
  { side, body, nation }: StoredRequest,
  grantable: ShownRequest['grantable'],
): readonly string[] {
  if (side !== 'theirs' || body?.ask !== 'release') return []
  if (grantable === null) return ['Record:    it names none of ours']
  const { held, ready, awaited, kept, subscribed } = grantable
  const list = (name: string, fields: readonly string[]) =>
    fields.length === 0 ? [] : [`${name}${fields.join(', ')}`]
  return [
    ...list('Has:       ', held),
    ...list('Ready:     ', ready),
    ...list('Officers:  ', awaited),
    ...list('Kept back: ', kept),
    ...(subscribed ? [] : [`           ${nation} does not subscribe to its dataset: nothing goes`]),
  ]
}
