import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { type GivenMapping, MappingSignatures } from '@entente/node'
import { CliError } from './cli-error.ts'
import { readJsonFile, readText } from './files.ts'

/** Where the signatures of a mapping lie: beside it. */
export const signaturesPath = (file: string): string => `${file}.signatures.json`

/**
 * A mapping file with the signatures that lie beside it, if any do.
 * @throws {CliError} `FILE_MISSING`, `FILE_FORM`
 */
export function readMapping(
  file: string,
): GivenMapping & { readonly signatures: readonly string[] } {
  const text = readText(file)
  return {
    file: basename(file),
    text,
    signatures: readSignatures(signaturesPath(file))?.signatures ?? [],
  }
}

/** Signatures of a mapping, or null where there is no such file. @throws {CliError} `FILE_FORM` */
export function readSignatures(path: string): MappingSignatures | null {
  if (!existsSync(path)) return null
  const parsed = MappingSignatures.safeParse(readJsonFile(path))
  if (parsed.success) return parsed.data
  throw new CliError(
    'FILE_FORM',
    `${path} holds no signatures of a mapping; remove it, and sign the mapping again with entente import map sign`,
  )
}

/** A mapping as somebody names it: a file that is there, or a saved one, as NAME or NAME@EDITION. */
export function mappingNamed(
  text: string,
): GivenMapping | { readonly name: string; readonly edition?: number } {
  if (existsSync(text)) return readMapping(text)
  const [, name, edition] = /^([a-z][a-z0-9-]*)(?:@(\d+))?$/.exec(text) ?? []
  if (name === undefined)
    throw new CliError(
      'FILE_MISSING',
      `there is no file ${text}, and it is no name of a saved mapping`,
    )
  return { name, ...(edition !== undefined && { edition: Number(edition) }) }
}
