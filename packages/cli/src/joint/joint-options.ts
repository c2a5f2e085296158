import { z } from 'zod'
import { CliError } from '../cli-error.ts'
import { labelOf } from '../label.ts'

/** What is to be written, as `joint create` and `joint edit` take it. */
export const editOptions = [
  { flags: '--set <value>', purpose: 'path=value, such as needed-by=2031-06-30', repeat: true },
] as const

export const editInput = { set: z.array(z.string()).default([]) }

/** `path=value` of each; the value may hold further equals signs. @throws {CliError} `FIELD_FORM` */
export function parseValues(set: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    set.map((text) => {
      const at = text.indexOf('=')
      if (at < 1)
        throw new CliError(
          'FIELD_FORM',
          `--set ${text}: write it as path=value, such as title=Radar`,
        )
      return [text.slice(0, at), text.slice(at + 1)] as const
    }),
  )
}

/** The label that was typed, or none. @throws {CliError} `LABEL_FORM` */
export const optionalLabel = (text: string | undefined) =>
  text === undefined ? {} : { label: labelOf(text) }

/** Nations in a list as people type it: `AUS,GBR`. */
export const nationList = (text: string): string[] =>
  text
    .split(/[,\s]+/)
    .map((part) => part.trim().toUpperCase())
    .filter((part) => part !== '')
