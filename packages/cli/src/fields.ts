import type { Json, Label } from '@entente/schema'
import { CliError } from './cli-error.ts'
import { labelOf } from './label.ts'

/**
 * Reads `name=text` and `name:=JSON`, as many as were given.
 * @throws {CliError} `FIELD_FORM`
 */
export function parseFields(given: readonly string[]): Readonly<Record<string, Json>> {
  return Object.fromEntries(given.map(parseField))
}

function parseField(text: string): readonly [string, Json] {
  const [, name, colon, value = ''] = /^([a-z][a-z0-9_]*)(:?)=(.*)$/s.exec(text) ?? []
  if (name === undefined) throw new CliError('FIELD_FORM', `${text} is not name=text or name:=JSON`)
  if (colon === '') return [name, value]
  try {
    return [name, JSON.parse(value) as Json]
  } catch {
    throw new CliError(
      'FIELD_FORM',
      `the value of ${name} is not JSON: ${value}; for plain text write ${name}=…`,
    )
  }
}

/**
 * Reads `name=LABEL`, as many as were given.
 * @throws {CliError} `FIELD_FORM`, `LABEL_FORM`
 */
export function parseLabels(given: readonly string[]): Readonly<Record<string, Label>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, label] = /^([a-z][a-z0-9_]*)=(.*)$/.exec(text) ?? []
      if (name === undefined || label === undefined)
        throw new CliError(
          'FIELD_FORM',
          `${text} is not name=LABEL, such as rate=RESTRICTED//REL TO NOR`,
        )
      return [name, labelOf(label)]
    }),
  )
}
