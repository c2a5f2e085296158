import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  canonicalJson,
  certificateType,
  type NationFile,
  openMember,
  openNationCertificates,
  openSuccessions,
  type RootSuccession,
  rootsIn,
  sealSuccession,
  signJws,
  toBase64url,
} from '@entente/schema'
import { type Ed25519Signer, verifyEd25519 } from '../adapters/ed25519.ts'
import { loadOwn } from '../setup/node-folder.ts'
import { ownNationFile, writeNationFile } from '../setup/own-nation-file.ts'
import { SetupError } from '../setup/setup-error.ts'

/**
 * Gives the place of a nation's root to another key: both sign the succession, and the new one signs every certificate again, word for
 * word. What the old one has revoked stays as it stands. Needs no node and no network; nothing is in force before every root has signed a roster
 * with this file.
 * @throws {SetupError} `ROOT_NOT_OURS`, `KEY_EXISTS` (the new key is one of the nation's already) @throws {RosterError}
 */
export function succeedRoot(
  file: NationFile,
  old: Ed25519Signer,
  next: Ed25519Signer,
  { atMs, reason }: { readonly atMs: number; readonly reason: string },
): { readonly file: NationFile; readonly word: RootSuccession } {
  const member = openMember(file, verifyEd25519)
  const { nation } = file
  if (file.root !== toBase64url(old.publicKey))
    throw new SetupError('ROOT_NOT_OURS', `this key is not the present root of ${nation}`)
  const to = toBase64url(next.publicKey)
  const certificates = openNationCertificates(file, verifyEd25519)
  if (rootsIn(member).includes(to) || certificates.some(({ key }) => key === to))
    throw new SetupError(
      'KEY_EXISTS',
      `the new key is a root or a certified key of ${nation} already: make one with entente root init`,
    )
  const word: RootSuccession = { nation, from: file.root, to, at: atMs, reason }
  const made: NationFile = {
    ...file,
    root: to,
    certificates: certificates.map((each) => signJws(certificateType, each, next.sign)),
    successions: [...(file.successions ?? []), sealSuccession(word, old.sign, next.sign)],
  }
  openMember(made, verifyEd25519)
  return { file: made, word }
}

/** What a succession has made of a node's folder. */
export interface InstalledSuccession {
  readonly nation: string
  readonly nationFilePath: string
  readonly words: readonly RootSuccession[]
}

/**
 * Puts the nation file under its new root in the place of the old one, at a node of the nation. All that the old one says must stand in it: a
 * certificate that is lost would be one that nobody has taken back. Done again it changes nothing.
 * @throws {SetupError} `ROOT_NOT_OURS`, `ROOT_ANSWER_DIFFERS` @throws {RosterError}
 */
export function installSuccession(folder: string, file: NationFile): InstalledSuccession {
  const own = loadOwn(folder)
  const { nation } = own.config
  const place = { folder, nation, rosterPath: own.rosterPath }
  if (file.nation !== nation)
    throw new SetupError(
      'ROOT_NOT_OURS',
      `this is the root of ${file.nation}, the node is of ${nation}`,
    )
  const next = openMember(file, verifyEd25519)
  const given = ownNationFile(place)
  const words = openSuccessions(file, verifyEd25519)
  const path = join(folder, `${nation}.nation.json`)
  if (given.file.root === file.root && existsSync(path))
    return { nation, nationFilePath: path, words }
  const before = openMember(given.file, verifyEd25519)
  const [known, roots] = [rootsIn(before), rootsIn(next)]
  if (roots.length <= known.length || known.some((root, i) => roots[i] !== root))
    throw new SetupError(
      'ROOT_NOT_OURS',
      `the present root of ${nation} has not named this one its successor`,
    )
  const said = saying(file)
  const differs =
    given.file.organisation !== file.organisation ||
    given.file.policyQuorum !== file.policyQuorum ||
    [...saying(given.file)].some((each) => !said.has(each))
  if (differs)
    throw new SetupError(
      'ROOT_ANSWER_DIFFERS',
      `${path} says of ${nation} what the new root has not signed: the old one has signed more meanwhile. Take this file as it is now to entente root succeed`,
    )
  const revocations = [...new Set([...(given.file.revocations ?? []), ...(file.revocations ?? [])])]
  writeNationFile(path, { ...file, ...(revocations.length > 0 && { revocations }) })
  return { nation, nationFilePath: path, words }
}

/** What certificates say, whoever signed them. */
const saying = (file: NationFile): ReadonlySet<string> =>
  new Set(openNationCertificates(file, verifyEd25519).map((each) => canonicalJson(each)))
