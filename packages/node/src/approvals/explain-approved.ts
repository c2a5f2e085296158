import {
  type Composition,
  type Explanation,
  formatIsoDate,
  type OfficerWord,
} from '@entente/policy'

/**
 * An explanation with what officers have said: a field that the policy holds may go by their word, in its present value or in an
 * older one, or wait for more of them.
 */
export function explainApproved(
  explanation: Explanation,
  { approvals, fragment, levels, pending }: Composition,
  words: readonly OfficerWord[],
): Explanation {
  const fields = explanation.fields.map((field) => {
    if (field.effect !== 'approve') return field
    const relied = approvals[field.field]
    const waits = pending.find(({ subject }) => subject.field === field.field)
    if (relied === undefined && waits === undefined) return field
    const by = words.filter(({ about }) => relied?.includes(about))
    const ends = by.flatMap(({ content }) => content.until ?? [])
    const goes =
      by.length === 0
        ? []
        : [
            `${waits === undefined ? '' : 'an older value goes, '}approved by ${by.map(({ officer }) => officer.name).join(', ')} until ${formatIsoDate(Math.min(...ends))}`,
          ]
    const signed =
      waits === undefined
        ? []
        : [
            waits.refused
              ? 'refused'
              : `${waits.words.length} of ${waits.needed} officers have signed`,
          ]
    const level = levels[field.field] ?? field.level
    return { ...field, level, words: [...goes, ...signed, field.words].join('; ') }
  })
  return { ...explanation, identified: explanation.identified || fragment !== null, fields }
}
