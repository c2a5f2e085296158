import { text as textOf } from 'node:stream/consumers'
import { sha256, toBase64url, utf8 } from '@entente/schema'
import { CliError } from '../cli-error.ts'
import { readText } from '../files.ts'

/**
 * Text of an invitation or reply: a file, or what is pasted into stdin (`-`); of scanned codes all parts, in any order.
 * @throws {CliError} `FILE_MISSING`, `FILE_FORM`
 */
export async function readPairing(file: string | undefined): Promise<string> {
  const given = file === undefined || file === '-' ? await textOf(process.stdin) : readText(file)
  return given.includes('ENTENTE:') && !given.includes('-----BEGIN') ? joinParts(given) : given
}

const Part = /ENTENTE:([\w-]{8}):(\d{1,2})\/(\d{1,2}):([\w-]+)/g

/** @throws {CliError} `FILE_FORM` */
export function joinParts(given: string): string {
  const found = [...given.matchAll(Part)].map(([, id = '', i, count, chunk = '']) => {
    return { id, i: Number(i), count: Number(count), chunk }
  })
  const [first] = found
  if (
    first === undefined ||
    found.some(({ id, count }) => id !== first.id || count !== first.count)
  )
    throw new CliError('FILE_FORM', 'these codes are not all of one invitation: scan them again')
  const byNumber = new Map(found.map(({ i, chunk }) => [i, chunk]))
  const chunks = Array.from({ length: first.count }, (_, i) => byNumber.get(i + 1))
  const missing = chunks.flatMap((chunk, i) => (chunk === undefined ? [i + 1] : []))
  if (missing.length > 0)
    throw new CliError(
      'FILE_FORM',
      `of ${first.count} codes these are missing: ${missing.join(', ')}`,
    )
  const packed = chunks.join('')
  if (toBase64url(sha256(utf8(packed)).subarray(0, 6)) !== first.id)
    throw new CliError('FILE_FORM', 'a code was read wrongly: scan them again')
  return `-----BEGIN ENTENTE INVITATION-----\n${packed}\n-----END ENTENTE INVITATION-----\n`
}
