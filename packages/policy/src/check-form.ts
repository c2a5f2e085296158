import { isNation, nationFromAlpha2 } from '@entente/schema'
import type { z } from 'zod'
import type { LocatedIssue } from './check.ts'

/** What a policy file cannot be, from the schema's findings: each with its place and with what to do. */
export function formIssues(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
): readonly LocatedIssue[] {
  return issues.map((issue) => {
    // A member that there cannot be stands within the path that the schema names.
    const strange = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
    const advice = adviceOn(issue, valueAt(issue.path, input))
    return {
      code: 'FORM',
      place: placeOf(issue.path, input),
      message: advice === null ? issue.message : `${issue.message}; ${advice}`,
      path: [...issue.path, ...strange],
    }
  })
}

/** Path in the file, with the id of the row or agreement so that an officer finds it. */
function placeOf(path: readonly PropertyKey[], input: unknown): string {
  let place = ''
  let node: unknown = input
  for (const [i, step] of path.entries()) {
    node = memberOf(node, step)
    place += typeof step === 'number' ? `[${step}]` : `${place === '' ? '' : '.'}${String(step)}`
    const isItem = i === 1 && itemLists.has(path[0])
    if (isItem && typeof node === 'object' && node !== null && 'id' in node)
      place += ` (${String(node.id)})`
  }
  return place === '' ? 'file' : place
}

/** Lists whose items have ids. */
const itemLists: ReadonlySet<PropertyKey | undefined> = new Set([
  'rules',
  'agreements',
  'aggregates',
  'suppliers',
  'consents',
])

const memberOf = (node: unknown, step: PropertyKey): unknown =>
  typeof node === 'object' && node !== null && Object.hasOwn(node, step)
    ? Reflect.get(node, step)
    : undefined

const valueAt = (path: readonly PropertyKey[], input: unknown): unknown =>
  path.reduce<unknown>(memberOf, input)

/** The step that mends it, where one can be told. */
function adviceOn({ code, path, message }: z.core.$ZodIssue, value: unknown): string | null {
  const last = path.at(-1)
  const name = path.findLast((step) => typeof step === 'string')
  if (code === 'unrecognized_keys') return 'take it out, or spell it as docs/policy.md does'
  if (value === undefined && code !== 'custom') return `write ${String(name ?? 'it')}`
  if (message.includes('not a date')) return 'write year-month-day, such as 2026-10-01'
  if (message.includes('alpha-3')) return nationAdvice(value)
  if (typeof value === 'boolean' && nationPlaces.has(String(name)))
    return 'write the nation with three letters in quotes, such as "NOR"'
  if (typeof value === 'number' && quotedNumbers.has(String(name)))
    return `write "${value}", in quotes`
  if (last === 'kind' && path.at(-2) === 'transform')
    return 'write band (with its level), country, pseudonym or redact'
  if (last === 'effect') return 'write permit, transform, approve or deny'
  if (code === 'too_small' && Array.isArray(value))
    return 'name at least one, or take the condition out: an empty list is nobody'
  if (message.includes('sorted')) return 'sort the list, each name once'
  return null
}

const quotedNumbers: ReadonlySet<string> = new Set(['edges', 'largest', 'largestTwo'])

const nationPlaces: ReadonlySet<string> = new Set([
  'nation',
  'recipient',
  'in',
  'notIn',
  'originator',
  'origins',
  'releasableTo',
])

function nationAdvice(value: unknown): string {
  const text = typeof value === 'string' ? value.trim().toUpperCase() : ''
  const found = isNation(text) ? text : nationFromAlpha2(text)
  return typeof found === 'string' ? `write ${found}` : 'three capitals name a nation, such as NOR'
}
