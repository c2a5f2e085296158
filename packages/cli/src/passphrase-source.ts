import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PassphraseSource } from '@entente/node'
import { CliError } from './cli-error.ts'
import type { Io } from './io.ts'

/** How often a person may mistype. */
const TRIES = 3

/** Name of the systemd credential: `LoadCredentialEncrypted=entente-passphrase:…`. */
const CREDENTIAL = 'entente-passphrase'

/**
 * Where one command line gets passphrases from: the descriptor that it names, one a line; else the systemd credential; else the terminal.
 * Never the command line itself, and no variable of the environment: both can be read by others.
 * @throws {CliError} `USAGE` when nothing can be read from the descriptor
 */
export function createPassphraseSource(
  io: Pick<Io, 'env' | 'askSecret'>,
  fd: string | undefined,
): PassphraseSource {
  let read: readonly string[] | null = null
  const lines = (): readonly string[] => {
    read ??= fd === undefined ? credential(io.env) : fromDescriptor(fd)
    return read
  }
  const mayAsk = fd === undefined
  return {
    open: (path, attempt) => {
      const line = lines()[attempt]
      if (line !== undefined) return line
      if (!mayAsk || attempt - lines().length >= TRIES) return null
      return io.askSecret(`Passphrase of ${path}: `)
    },
    create: (path) => {
      const [given] = lines()
      if (given !== undefined) return given
      const first = io.askSecret(`New passphrase for ${path}: `)
      if (first === null) return null
      if (io.askSecret('The same again: ') === first) return first
      throw new CliError('USAGE', 'these were two different passphrases; nothing was made')
    },
  }
}

function fromDescriptor(fd: string): readonly string[] {
  const number = /^\d{1,4}$/.test(fd) ? Number(fd) : null
  try {
    if (number === null) throw new Error('it is not a number')
    const found = linesOf(readFileSync(number, 'utf8'))
    if (found.length > 0) return found
    throw new Error('it is empty')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError(
      'USAGE',
      `no passphrase can be read from descriptor ${fd}: ${why}; for example --passphrase-fd 3 3<FILE`,
    )
  }
}

function credential(env: Io['env']): readonly string[] {
  const folder = env['CREDENTIALS_DIRECTORY'] ?? ''
  const path = join(folder, CREDENTIAL)
  return folder !== '' && existsSync(path) ? linesOf(readFileSync(path, 'utf8')) : []
}

const linesOf = (text: string): readonly string[] =>
  text.split(/\r?\n/).filter((line) => line !== '')
