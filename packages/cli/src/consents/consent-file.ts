import { writeFileSync } from 'node:fs'
import { readText } from '../files.ts'

/** A consent as it is carried: one compact JWS, on one line. It names fields, and is for those who carry it alone. */
export const writeConsentFile = (path: string, seal: string): void =>
  writeFileSync(path, `${seal}\n`, { flush: true, mode: 0o600, flag: 'wx' })

/** @throws {CliError} `FILE_MISSING`, `FILE_FORM` */
export const readConsentFile = (path: string): string => readText(path).replace(/\r?\n$/, '')
