import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { CliError } from './cli-error.ts'

/** @throws {CliError} `FILE_MISSING` */
export function mustExist(path: string): void {
  if (!existsSync(path)) throw new CliError('FILE_MISSING', `there is no file ${path}`)
}

/** @throws {CliError} `FILE_MISSING` */
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

/** Writes a JSON file whole or not at all. */
export function writeJsonFile(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { flush: true })
  renameSync(`${path}.new`, path)
}

/** @throws {CliError} `FILE_EXISTS` */
export function refuseExisting(path: string): void {
  if (existsSync(path))
    throw new CliError('FILE_EXISTS', `${path} exists; choose another name or remove it`)
}
