import type { CompiledPolicy } from './compile.ts'
import type { Composition } from './compose.ts'
import { formatIsoDate } from './dates.ts'
import type { Reband } from './document.ts'
import { type Explanation, type FieldExplanation, UNFIT } from './explain.ts'
import { OTHER_UNIT, rebandTypeOf, STANDS } from './standing-band.ts'

const when: Readonly<Record<Reband['every'], string>> = {
  day: 'each day',
  week: 'each Monday',
  month: 'on the first day of each month',
  quarter: 'on the first day of each quarter',
  year: 'on the first day of each year',
}

/**
 * An explanation with what bands are made from: of a field whose bands are made on a schedule it says of which day its value is, and what does not
 * go though the present value might.
 */
export function explainStanding(
  explanation: Explanation,
  record: Parameters<typeof rebandTypeOf>[0],
  { bands, decisions, levels }: Composition,
  policy: CompiledPolicy,
): Explanation {
  const tell = (entry: FieldExplanation): FieldExplanation => {
    const { field } = entry
    const type = rebandTypeOf(record, field, policy)
    const rule = type === null ? undefined : policy.reband.get(type)
    if (!Object.hasOwn(bands, field) || rule === undefined) return entry
    const decision = decisions.get(field)
    const stood = bands[field] ?? null
    const why = decision?.because.find((each) => each === STANDS || each === OTHER_UNIT)
    if (decision?.effect === 'deny' && why !== undefined)
      return {
        ...entry,
        effect: 'deny',
        level: 'redact',
        because: decision.because,
        authority: null,
        words: `not sent until the band is made anew, ${when[rule.every]}: ${why}; else ${entry.words}`,
      }
    const of =
      stood === null
        ? 'of the present value'
        : `of the value as it stood on ${formatIsoDate(stood.atMs)}, whatever it is now`
    const said = `${entry.words.replace(UNFIT, '')}; the band is ${of}, and is made anew ${when[rule.every]} (UTC) where the value has left it`
    // Officers are asked for an older value where its own label asks for them.
    if (decision?.effect === 'approve' && entry.effect !== 'approve')
      return {
        ...entry,
        effect: 'approve',
        level: levels[field] ?? 'redact',
        because: decision.because,
        authority: null,
        words: `needs approval: ${decision.because.join('; ')}; else ${said}`,
      }
    const level = levels[field] ?? entry.level
    return { ...entry, level, words: level === 'redact' && stood === null ? entry.words : said }
  }
  return { ...explanation, fields: explanation.fields.map(tell) }
}
