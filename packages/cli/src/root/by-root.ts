import { askRoot, digestOfRequest, type Ed25519Signer, readSigner } from '@entente/node'
import { CliError } from '../cli-error.ts'
import { refuseExisting, writeTextFile } from '../files.ts'
import { fingerprintWords } from '../fingerprint.ts'
import type { Outcome } from '../verb.ts'
import { sayDocument } from './say-request.ts'

/** Options of every verb that needs the nation's root: the key itself, or a file that goes to where the key is. */
export const rootOptions = [
  { flags: '--root <file>', purpose: 'root key of the nation (PEM)' },
  {
    flags: '--root-csr <file>',
    purpose: 'write what the root is to sign to this file instead, for entente root sign',
  },
] as const

interface ByRoot {
  readonly folder: string
  readonly root: string | undefined
  readonly rootCsr: string | undefined
  readonly nowMs: number
  /** Keys of persons that the root is to certify. */
  readonly keyPaths?: readonly string[]
  /** How many words of the root it takes; 1 unless said. */
  readonly words?: number
  /** Whether it only takes back, as {@link askRoot} has it. */
  readonly takesBack?: boolean
}

/**
 * Does what needs the root's word with the key at hand, or asks for it: then nothing has changed yet.
 * @param act what calls the root @param done says what became of it
 * @throws {CliError} `USAGE` when neither key nor file is named
 */
export async function byRoot<T>(
  { folder, root, rootCsr, nowMs, keyPaths = [], words: count = 1, takesBack = false }: ByRoot,
  act: (root: Ed25519Signer) => T,
  done: (made: T) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  if (rootCsr === undefined) {
    if (root === undefined) throw new CliError('USAGE', 'name the root key with --root')
    return done(act(readSigner(root)))
  }
  if (root !== undefined)
    throw new CliError('USAGE', 'name --root or --root-csr: the key is here, or it is elsewhere')
  refuseExisting(rootCsr)
  const { text, request } = askRoot(folder, act, {
    atMs: nowMs,
    keyPaths,
    words: count,
    takesBack,
  })
  writeTextFile(rootCsr, text)
  const words = fingerprintWords(digestOfRequest(request))
  return {
    json: { request: rootCsr, words, documents: request.documents },
    text: [
      `${rootCsr} asks the root of ${request.nation} for:`,
      ...request.documents.flatMap(sayDocument),
      `Words:  ${words} (root sign shows the same)`,
      'Nothing has changed yet.',
      `Next: carry the file to the computer with the root key: entente root sign ${rootCsr} --root FILE`,
      'Then: bring the answer back: entente root install FILE',
    ].join('\n'),
  }
}
