import { rankOf } from '@entente/schema'
import { formatIsoDate } from '../dates.ts'
import { compareDecimals, parseDecimal } from '../decimal.ts'
import type { Facts, TaggedItem } from '../question.ts'
import type { CompiledAgreement, CompiledRegister } from './compile.ts'
import { isWithin } from './span.ts'

/** What an agreement is asked about: everything but the agreements themselves. */
type Asked = Omit<Facts, 'agreements' | 'consent'>

/** Ids of the agreements in force that cover a question whole, sorted. An unknown fact is not covered. */
export function agreementsFor(asked: Asked, register: CompiledRegister | null): readonly string[] {
  if (register === null || !isWithin(register, asked.atMs)) return none
  const ids: string[] = []
  for (const compiled of register.agreements)
    if (limits.every(({ allows }) => allows(compiled, asked))) ids.push(compiled.agreement.id)
  return ids.length === 0 ? none : ids
}
const none: readonly string[] = []

/** The agreement that fails on the fewest counts, and each of them in words; null: the register is empty. */
export function nearestAgreement(
  asked: Asked,
  register: CompiledRegister | null,
): { readonly id: string; readonly failed: readonly string[] } | null {
  let best: { readonly id: string; readonly failed: readonly string[] } | null = null
  for (const compiled of register?.agreements ?? []) {
    const failed = limits
      .filter(({ allows }) => !allows(compiled, asked))
      .map(({ tell }) => tell(compiled, asked))
    if (best === null || failed.length < best.failed.length)
      best = { id: compiled.agreement.id, failed }
  }
  return best
}

interface Limit {
  readonly allows: (compiled: CompiledAgreement, asked: Asked) => boolean
  /** Why not, for the originator's own eyes. */
  readonly tell: (compiled: CompiledAgreement, asked: Asked) => string
}

/** All must allow. */
const limits: readonly Limit[] = [
  {
    allows: ({ inForce }, { atMs }) => isWithin(inForce, atMs),
    tell: ({ agreement, inForce }, { atMs }) =>
      atMs < inForce.fromMs
        ? `it begins on ${agreement.effective}`
        : `it ${agreement.revoked === undefined ? 'ended' : 'was revoked'} on ${formatIsoDate(inForce.untilMs)}`,
  },
  {
    allows: ({ parties }, { recipient, atMs }) =>
      (parties.get(recipient) ?? []).some((span) => isWithin(span, atMs)),
    tell: ({ parties }, { recipient }) =>
      parties.has(recipient)
        ? `${recipient} is not a party to it on that day`
        : `${recipient} is not a party to it`,
  },
  {
    allows: ({ agreement }, { recipient }) => agreement.territory?.includes(recipient) ?? true,
    tell: (_, { recipient }) => `${recipient} is not in its territory`,
  },
  {
    allows: ({ agreement }, { purpose }) => agreement.uses.includes(purpose),
    tell: (_, { purpose }) => `it does not allow the purpose ${purpose}`,
  },
  {
    allows: ({ agreement }, { label }) => {
      const rank = label === null ? -1 : rankOf(label.classification)
      return rank >= 0 && rank <= rankOf(agreement.ceiling)
    },
    tell: ({ agreement }, { label }) =>
      `${label?.classification ?? 'no label'} is above its ceiling ${agreement.ceiling}`,
  },
  {
    allows: ({ agreement }, { record }) =>
      agreement.kinds?.some((kind) => kind === record.kind) ?? true,
    tell: (_, { record }) => `it does not speak of ${record.kind} records`,
  },
  {
    allows: ({ agreement }, { record }) => agreement.datasets?.includes(record.dataset) ?? true,
    tell: (_, { record }) => `it does not speak of the dataset ${record.dataset}`,
  },
  {
    allows: ({ agreement }, { field }) => agreement.fields?.includes(field) ?? true,
    tell: (_, { field }) => `it does not speak of the field ${field}`,
  },
  {
    allows: (compiled, { record }) => record.tagged.every((item) => isAuthorised(compiled, item)),
    tell: (compiled, { record }) =>
      `it does not authorise ${record.tagged
        .filter((item) => !isAuthorised(compiled, item))
        .map(({ regime, code }) => `${regime} ${code ?? 'without a code'}`)
        .join(', ')}`,
  },
  {
    allows: (compiled, { record }) => record.tagged.every((item) => isWithinValue(compiled, item)),
    tell: ({ agreement }) =>
      `the item states no value up to ${agreement.value?.atMost} ${agreement.value?.currency}`,
  },
]

const isAuthorised = ({ agreement }: CompiledAgreement, { regime, code }: TaggedItem): boolean =>
  (agreement.items ?? []).some(
    (item) =>
      item.regime === regime &&
      (item.codes === undefined ||
        (code !== null && item.codes.some((pattern) => isUnder(code, pattern)))),
  )

/** A category covers its paragraphs: the code is the pattern, or goes on with a bracket, dot or dash. */
const isUnder = (code: string, pattern: string): boolean =>
  code === pattern || (code.startsWith(pattern) && /^[(.-]/.test(code.slice(pattern.length)))

function isWithinValue({ agreement, atMost }: CompiledAgreement, { value }: TaggedItem): boolean {
  if (agreement.value === undefined) return true
  const amount = value?.currency === agreement.value.currency ? parseDecimal(value.amount) : null
  return amount !== null && atMost !== null && compareDecimals(amount, atMost) <= 0
}
