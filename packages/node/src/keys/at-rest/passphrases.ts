import { SetupError } from '../../setup/setup-error.ts'

/** Where passphrases come from: a terminal, a file descriptor, a systemd credential. */
export interface PassphraseSource {
  /**
   * A passphrase to try on a file; it is asked again, with the next number, after one that was wrong.
   * @param path the encrypted file @param attempt from 0 @returns null: there is none, or no other
   */
  readonly open: (path: string, attempt: number) => string | null
  /** One for what is about to be made. @returns null: nobody can be asked */
  readonly create: (path: string) => string | null
}

const nowhere: PassphraseSource = { open: () => null, create: () => null }
let source: PassphraseSource = nowhere
/** Passphrases that have opened something: the root key and the node's folder often have the same one. */
let known: readonly string[] = []

/**
 * Says where this process gets passphrases from. One for a process, as the terminal and the descriptors are: key files are read far below
 * whoever could hand it down, and most callers have none that is encrypted.
 */
export function setPassphraseSource(next: PassphraseSource | null): void {
  source = next ?? nowhere
  known = []
}

/** Shortest passphrase for keys. @see NIST SP 800-63B-4, section 3.1.1 asks for 15 where nothing else protects */
const SHORTEST = 15

/**
 * A passphrase for what is about to be made.
 * @returns null: there is no source @throws {SetupError} `PASSPHRASE_WEAK`
 */
export function newPassphrase(path: string): string | null {
  const passphrase = source.create(path)
  if (passphrase !== null && [...passphrase].length < SHORTEST)
    throw new SetupError(
      'PASSPHRASE_WEAK',
      `a passphrase for keys has at least ${SHORTEST} characters: take five or six words`,
    )
  return passphrase
}

/**
 * Tries passphrases until one opens the file.
 * @param tryOn null: it is another one
 * @throws {SetupError} `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG`
 */
export function withPassphrase<T>(path: string, tryOn: (passphrase: string) => T | null): T {
  for (const passphrase of known) {
    const opened = tryOn(passphrase)
    if (opened !== null) return opened
  }
  for (let attempt = 0; ; attempt++) {
    const passphrase = source.open(path, attempt)
    if (passphrase === null) {
      if (attempt > 0 || known.length > 0)
        throw new SetupError(
          'PASSPHRASE_WRONG',
          `${path} does not open with this passphrase, or has been changed`,
        )
      throw new SetupError(
        'PASSPHRASE_MISSING',
        `${path} is encrypted, and nobody can be asked for its passphrase: run this at a terminal, or give --passphrase-fd N, or the systemd credential entente-passphrase`,
      )
    }
    const opened = tryOn(passphrase)
    if (opened === null) continue
    known = [...known, passphrase]
    return opened
  }
}
