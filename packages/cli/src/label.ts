import { Label } from '@entente/schema'
import { CliError } from './cli-error.ts'

/**
 * Reads a label as it is marked on paper: `RESTRICTED//ORCON//REL TO AUKUS,NOR`. Without `REL TO` it is for the
 * originator alone.
 * @throws {CliError} `LABEL_FORM`
 */
export function parseLabel(text: string): Label {
  const [classification = '', ...rest] = text.split('//').map((part) => part.trim())
  const releasable = rest.filter((part) => part.startsWith('REL TO '))
  const caveats = rest.filter((part) => !part.startsWith('REL TO '))
  const list = (parts: readonly string[]) =>
    [...new Set(parts.flatMap((part) => part.split(/[,\s]+/)))].sort()
  const parsed = Label.safeParse({
    classification,
    caveats: list(caveats),
    releasableTo: list(releasable.map((part) => part.slice('REL TO '.length))),
  })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new CliError(
    'LABEL_FORM',
    `${text} is no label (${issue?.path.join('.')}: ${issue?.message}); write it as RESTRICTED//ORCON//REL TO AUKUS,NOR`,
  )
}

export function formatLabel({ classification, caveats, releasableTo }: Label): string {
  const release = releasableTo.length === 0 ? [] : [`REL TO ${releasableTo.join(',')}`]
  return [classification, ...caveats, ...release].join('//')
}
