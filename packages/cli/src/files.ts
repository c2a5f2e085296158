import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { CliError } from './cli-error.ts'

/** @throws {CliError} `FILE_MISSING`, `FILE_FORM` */
export function mustExist(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new CliError('FILE_MISSING', `there is no file ${path}`)
  if (found.isDirectory()) throw new CliError('FILE_FORM', `${path} is a folder, not a file`)
}

/** @throws {CliError} `FILE_MISSING`, `FILE_FORM` */
export function readText(path: string): string {
  mustExist(path)
  return readFileSync(path, 'utf8')
}

/** @throws {CliError} `FILE_MISSING`, `FILE_FORM` */
export function readJsonFile(path: string): unknown {
  const text = readText(path)
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError('FILE_FORM', `${path} is not JSON: ${why}`)
  }
}

/** What the system says of a file that cannot be read or written, in words; null when it is no such error. */
export function fileTrouble(error: unknown): CliError | null {
  const { code, path = 'it' } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new CliError('FILE_MISSING', `there is no file or folder ${path}`)
  if (code === 'EEXIST')
    return new CliError('FILE_EXISTS', `${path} exists; choose another name or remove it`)
  if (code === 'EISDIR') return new CliError('FILE_FORM', `${path} is a folder, not a file`)
  if (code === 'ENOTDIR') return new CliError('FILE_FORM', `${path} leads through a file`)
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new CliError('FILE_FORM', `${path} may not be read or written by this user`)
  return null
}

/** Writes a JSON file whole or not at all. @param mode of what is not for everybody: 0600 */
export function writeJsonFile(path: string, value: unknown, mode = 0o666): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { flush: true, mode })
  renameSync(`${path}.new`, path)
}

/** Writes a text file whole or not at all. @param mode of what is not for everybody: 0600 */
export function writeTextFile(path: string, text: string, mode = 0o666): void {
  writeFileSync(`${path}.new`, text, { flush: true, mode })
  renameSync(`${path}.new`, path)
}

/** @throws {CliError} `FILE_EXISTS` */
export function refuseExisting(path: string): void {
  if (existsSync(path))
    throw new CliError('FILE_EXISTS', `${path} exists; choose another name or remove it`)
}
