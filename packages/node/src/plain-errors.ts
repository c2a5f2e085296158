import { z } from 'zod'
import { closeNames } from './select/close-names.ts'

/**
 * What is wrong with an input, said of the place where it is wrong: `handling is missing`, `trl is text, not a number`.
 * The words hold wherever zod speaks, so that no planner meets a library's English.
 */
z.config({ localeError: (issue) => wordsOf(issue) })

type Raw = Parameters<z.core.$ZodErrorMap>[0]

/** An issue with its place before it; `whole` names the input itself. */
export function sayIssue(
  { path, message }: Pick<z.core.$ZodIssue, 'path' | 'message'>,
  whole = '',
): string {
  const place = path.map(String).join('.') || whole
  if (place === '') return message
  return /^(is|has|does) /.test(message) ? `${place} ${message}` : `${place}: ${message}`
}

function wordsOf(issue: Raw): string {
  if (issue.input === undefined && issue.code !== 'custom') return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return Number.isNaN(issue.input)
        ? `is not ${typeWords[issue.expected] ?? issue.expected}`
        : `is ${typeOf(issue.input)}, not ${typeWords[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return issue.values.length === 1
        ? `is not ${String(issue.values[0])}`
        : `is none of ${issue.values.map(String).join(', ')}`
    case 'unrecognized_keys':
      return `has no ${issue.keys.map((key) => unknownKey(key, membersOf(issue.inst))).join(', ')}`
    case 'too_small':
    case 'too_big':
      return sizeWords(issue)
    case 'invalid_format':
      return issue.format === 'starts_with'
        ? `does not begin with ${String(issue['prefix'])}`
        : 'has not the form that it must have'
    case 'not_multiple_of':
      return `is no multiple of ${issue.divisor}`
    case 'invalid_key':
    case 'invalid_element':
      return 'has a part that it cannot have'
    default:
      return 'has none of the forms that it may have'
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of members',
  record: 'a group of members',
  null: 'nothing',
}

function typeOf(input: unknown): string {
  if (input === null) return 'empty'
  if (Array.isArray(input)) return 'a list'
  return typeWords[typeof input] ?? typeof input
}

function sizeWords(issue: Extract<Raw, { code: 'too_small' | 'too_big' }>): string {
  const small = issue.code === 'too_small'
  const limit = Number(small ? issue.minimum : issue.maximum)
  const unit = issue.origin === 'string' ? 'character' : 'part'
  const counted = `${limit} ${unit}${limit === 1 ? '' : 's'}`
  if (issue.origin !== 'string' && issue.origin !== 'array' && issue.origin !== 'set')
    return `is ${small ? 'less' : 'more'} than ${limit}`
  if (issue.exact) return `is not ${counted} long`
  if (small && limit === 1) return 'is empty'
  return `has ${small ? 'less' : 'more'} than ${counted}`
}

/** Members that an object of this schema may have. */
const membersOf = (schema: unknown): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : []

function unknownKey(key: string, known: readonly string[]): string {
  const [meant] = closeNames(key, known)
  return meant === undefined ? `member ${key}` : `member ${key} (did you mean ${meant}?)`
}
