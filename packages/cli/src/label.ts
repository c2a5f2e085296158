import { type Label, parseLabel } from '@entente/schema'
import { CliError } from './cli-error.ts'

/**
 * The label that somebody typed.
 * @throws {CliError} `LABEL_FORM`
 */
export function labelOf(text: string): Label {
  const parsed = parseLabel(text)
  if (parsed.ok) return parsed.label
  throw new CliError('LABEL_FORM', parsed.reason)
}
