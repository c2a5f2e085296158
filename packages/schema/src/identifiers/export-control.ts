import { accepted, type IdentifierOutcome, refused } from './outcome.ts'

/**
 * Export control classification number: category 0-9, product group A-E, three digits, then paragraphs, as in
 * `3A001.b.2.a`. `EAR99` is accepted: subject to the EAR, on no list. Only the format is checked.
 * @returns `ECCN_FORMAT`
 * @see 15 CFR 738.2
 */
export function parseEccn(text: string): IdentifierOutcome<'ECCN_FORMAT'> {
  const trimmed = text.trim()
  if (trimmed.toUpperCase() === 'EAR99') return accepted('EAR99')
  const parts = /^(\d[a-e]\d{3})((?:\.(?:[a-z]{1,4}|\d{1,3}))*)$/i.exec(trimmed)
  if (!parts) return refused('ECCN_FORMAT', `${JSON.stringify(text)} is no ECCN such as 3A001.b.2`)
  return accepted(`${parts[1]?.toUpperCase()}${parts[2]?.toLowerCase()}`)
}

/**
 * United States Munitions List category I to XXI with its paragraphs, as in `VIII(h)(1)`; `USML` or `Category` in front
 * is tolerated. Only the format is checked.
 * @returns `USML_FORMAT` not of that form, `USML_CATEGORY` no such category
 * @see 22 CFR 121.1
 */
export function parseUsml(text: string): IdentifierOutcome<'USML_FORMAT' | 'USML_CATEGORY'> {
  const bare = text.trim().replace(/^(usml\s+)?(category\s+|cat\.?\s+)?/i, '')
  const parts = /^([IVX]+)((?:\([a-z]{1,5}\)|\(\d{1,2}\)|\([A-Z]\))*)$/.exec(bare)
  if (!parts)
    return refused('USML_FORMAT', `${JSON.stringify(text)} is no USML category such as VIII(h)(1)`)
  if (!categories.includes(parts[1] ?? ''))
    return refused('USML_CATEGORY', `there is no USML category ${parts[1]}`)
  return accepted(bare)
}

const categories =
  'I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI'.split(' ')
