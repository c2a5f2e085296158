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
 * Says how a value is typed that was taken for text: `trl=7` gives the text 7.
 * @param given as {@link parseFields} takes them
 */
export async function sayingHow<T>(given: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const how = howTyped(given, error instanceof Error ? error.message : '')
    throw how === null ? error : new CliError('FIELD_FORM', how)
  }
}

/** What to type for a value that was refused for being text; null when it was refused for something else. */
export function howTyped(given: readonly string[], said: string): string | null {
  const [, name, wanted = ''] = /^([a-z][a-z0-9_]*):? is text, not (.*)$/.exec(said) ?? []
  const text = given.find((each) => name !== undefined && each.startsWith(`${name}=`))
  return name === undefined || text === undefined
    ? null
    : `${name} is not ${wanted}: ${typed(name, text, wanted)}`
}

function typed(name: string, text: string, wanted: string): string {
  const value = text.slice(name.length + 1)
  if (/list/.test(wanted)) return `write '${name}:=["…"]', which is JSON`
  if (/group/.test(wanted)) return `write '${name}:={"…":"…"}', which is JSON`
  return /^(-?\d+(\.\d+)?|true|false)$/.test(value)
    ? `write ${name}:=${value}`
    : `write ${name}:= and it, without quotes`
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
